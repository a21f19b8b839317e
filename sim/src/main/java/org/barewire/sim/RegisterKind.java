package org.barewire.sim;

/// What an access to a register does, which is also who handles it.
enum RegisterKind {
    /// No such register.
    UNDEFINED,
    /// Keeps what is written.
    PLAIN,
    /// Keeps its value whatever is written.
    READ_ONLY,
    /// Counts events, cleared by reading.
    COUNTER,
    /// Half of a counter of more than 32 bits, see {@link Statistics}.
    WIDE_COUNTER,
    /// Reset, EEPROM, semaphores: {@link DeviceControl}.
    DEVICE,
    /// MAC, PHY and pins: {@link Link}.
    LINK,
    /// Causes and masks: {@link Interrupts}.
    INTERRUPT,
    /// Starting and stopping the data path: {@link DataPathControl}.
    DATA_PATH,
    /// Keeps what is written; {@link RxFilter} and {@link RssHash} must know of it.
    FILTER,
    /// Ring, {@link RxRing}.
    RX_QUEUE,
    /// Receive tail: the hot one.
    RX_TAIL,
    /// Ring, {@link TxRing}.
    TX_QUEUE,
    /// Transmit tail: the hot one.
    TX_TAIL
}
