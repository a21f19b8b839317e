package org.barewire.sim;

/// Every rule that the model enforces: where it comes from, and what is said of a driver that breaks it.
///
/// Sections are those of the 82599 datasheet, revision 3.3. Those of chapter 7.2 are quoted by the number
/// that they have in the X550 datasheet as well; "hardware" is what others have measured and no section says.
/// Where two are given the first is about receiving and the second about sending.
enum Rule {
    // any register
    UNDEFINED_REGISTER("8.2.2", "a %s, but no register is there"),

    // reset and shared resources
    WRITE_DURING_RESET("8.2.3.1.1", "was written before CTRL showed the reset done"),
    RESET_WITH_INTERRUPTS("4.6.3.1", "the device was reset while EIMS had interrupts enabled"),
    SYNC_WITHOUT_SEMAPHORE("10.5.4", "was written without holding SWSM.SWESMBI"),
    EIMC_RESERVED("8.2.3.5.4", "bit 31 is reserved, but was written as 1"),

    // what must have been done when RXCTRL.RXEN is set
    EEPROM_NOT_AWAITED("4.6.3", "RXEN was set before EEC.ARD was seen set after the reset"),
    DMA_NOT_AWAITED("4.6.3", "RXEN was set before RDRXCTL.DMAIDONE was seen set after the reset"),
    INTERRUPTS_NOT_MASKED("4.6.3.1", "RXEN was set, but EIMC was not written after the reset"),
    SECURITY_PATH_OPEN("4.6.7", "RXEN was set without SECRXCTRL.RX_DIS set and SECRXSTAT.SECRX_RDY awaited before"),
    NO_SNOOP("4.6.7", "NS_DIS is clear, and must be set before RXCTRL.RXEN is"),
    RSC_FIRST_SIZE("4.6.7", "RSCFRSTSIZE is 0x%x, and must be 0"),
    RSC_ACKNOWLEDGE("8.2.3.8.8", "RSCACKC is clear, and must be set"),
    FCOE_WRITE_FIX("8.2.3.8.8", "FCOE_WRFIX is clear, and must be set"),
    CRC_STRIP("4.6.7", "CRCSTRIP and HLREG0.RXCRCSTRP differ"),
    RECEIVE_BUFFERS("8.2.3.8.9", "%d KiB in all, but there are %d"),
    FILTER_WHILE_RECEIVING("8.2.3.7.1", "was changed while RXCTRL.RXEN was set"),

    // what must have been done when DMATXCTL.TE is set
    TRANSMIT_BUFFERS("8.2.3.9.13", "%d KiB in all, but there are %d"),
    REQUESTS_RESERVED("8.2.3.9.1", "bits 12 and up are reserved, but 0x%x was written"),
    ARBITER_ON("4.6.8", "was written while RTTDCS.ARBDIS was clear"),

    // rings of both directions
    RING_ALIGNMENT("8.2.3.8.1, 8.2.3.9.5", "0x%x is not a multiple of %d"),
    RING_LENGTH("8.2.3.8.3, 8.2.3.9.7", "%d is not a multiple of %d up to %d"),
    RING_EMPTY("8.2.3.8.3, 8.2.3.9.7", "is 0, but the queue was enabled"),
    RING_ACCESS("8.2.3.8.1, 8.2.3.9.5", "the device may not access a ring of %d descriptors at 0x%x"),
    RING_UNMAPPED("4.6.7.1, 4.6.8.1", "the ring's memory was unmapped while the queue was enabled"),
    CHANGED_WHILE_ENABLED("4.6.7.1, 4.6.8.1", "was changed while the queue was enabled"),
    TAIL_BEFORE_ENABLE("4.6.7, 4.6.8", "was written as %d while the queue was not enabled"),
    TAIL_BEYOND_RING("7.1.9, 7.2.3.3", "was written as %d, but the ring has %d descriptors"),
    TAIL_PAST_HEAD(
            "7.1.9, 7.2.3.3",
            "was moved from %d to %d past the head at %d: that hands over descriptors the device owns already"),

    // receive rings
    RX_DESCRIPTOR_TYPE("8.2.3.8.7", "DESCTYPE %d is not modelled"),
    RX_BUFFER_SIZE("8.2.3.8.7", "BSIZEPACKET is %d KiB: 1 to 16 are allowed"),
    RX_BIT_12("8.2.3.11.1", "bit 12 is set, and must be clear"),
    RX_DESCRIPTOR_DONE("7.1.5, advanced 7.1.6", "hands over a descriptor that still has DD set"),
    RX_DESCRIPTOR_CHANGED("7.1.9", "a descriptor was changed while the device owned it"),
    RX_BUFFER_ACCESS("7.1.9", "hands over descriptor %d, but the device may not access the %d bytes at 0x%x"),
    RX_BUFFER_TWICE("7.1.9", "buffer 0x%x is on two receive descriptors at once"),
    RX_BUFFER_UNMAPPED("4.6.7.1", "buffer 0x%x was unmapped while on the ring"),
    RX_RING_TOO_SMALL("8.2.3.8.7", "a frame of %d bytes does not fit in all buffers of the ring, and is not dropped"),

    // transmit rings
    TX_QUEUE_FIRST("4.6.8", "the queue was enabled before DMATXCTL.TE was set"),
    TX_CONTROL_RESERVED("8.2.3.9.10", "0x%x sets reserved bits"),
    TX_THRESHOLDS("7.2.3.4.1", "PTHRESH and WTHRESH exceed the %d descriptors on chip"),
    HEAD_ALIGNMENT("hardware", "0x%x is not a multiple of 16"),
    HEAD_ORDER("hardware", "DCA_TXCTRL(%d) bit 11 is set: written heads may overtake each other"),
    HEAD_THRESHOLD("7.2.3.5.2", "TXDCTL(%d).WTHRESH must be 0 with head write-back"),
    HEAD_ACCESS("7.2.3.5.2", "the device may not access 0x%x"),
    HEAD_UNMAPPED("4.6.8.1", "the memory it points to was unmapped while the queue was enabled"),
    TX_BUFFER_UNMAPPED("4.6.8.1", "buffer 0x%x was unmapped while on the ring"),

    // descriptors of a packet to send
    TX_DESCRIPTOR_DONE("7.2.3.2.4", "hands over descriptor %d, which still has DD set"),
    TX_DESCRIPTOR_TYPE("7.2.3.2.4", "DTYP %d in a data descriptor"),
    TX_DESCRIPTOR_LENGTH("7.2.3.2.2, advanced 7.2.3.2.4", "a descriptor of %d bytes: 1 to %d are allowed"),
    TX_DESCRIPTOR_COUNT("7.2.1.1", "a packet of more than %d descriptors"),
    TX_BUFFER_ACCESS("7.2.3.2.4", "the device may not access the %d bytes at 0x%x"),
    TX_BUFFER_OWNED("7.1.9", "buffer 0x%x is sent while it is on a receive descriptor"),
    TX_STATUS_INSIDE("7.2.3.2.2, advanced 7.2.3.2.4", "RS in a descriptor without EOP"),
    TX_UNFINISHED("7.2.3.3", "is in the middle of a packet: no EOP before it"),
    TX_TOO_SHORT("7.2.3.2.4", "a packet of %d bytes, below 17"),
    TX_TOO_LONG("7.2.3.2.4", "a frame of %d bytes, above 15.5 KiB"),
    TX_PAYLOAD("7.2.3.2.4", "PAYLEN is %d for %d bytes"),
    TX_WRONG_FCS("7.2.3.2.4", "a packet without IFCS has a wrong FCS"),

    // offloads
    OFFLOAD_WITHOUT_FCS("7.2.3.2.4", "offloads without IFCS"),
    OFFLOAD_WITHOUT_CONTEXT("7.2.3.2.3", "an offload without a context descriptor"),
    CONTEXT_MISFIT("7.2.3.2.3", "the context does not fit the packet"),
    IP_CHECKSUM_NOT_IPV4("7.2.3.2.4", "POPTS.IXSM for a packet that is not IPv4"),
    SEGMENT_CHECKSUMS("7.2.3.2.4", "TSE without the checksums in POPTS"),
    SEGMENT_PAYLOAD("7.2.3.2.4", "PAYLEN is %d for %d bytes of payload"),
    SEGMENT_TOO_LONG("7.2.4.1", "a packet of more than 256 KiB");

    private final String section;
    private final String sentence;

    Rule(String section, String sentence) {
        this.section = section;
        this.sentence = sentence;
    }

    /// What to say: of whom, what is wrong, and where it is written.
    @SuppressWarnings("AnnotateFormatMethod") // the sentence is this rule's own; a test breaks every rule
    String broken(String subject, Object... numbers) {
        return "%s: %s (%s).".formatted(subject, sentence.formatted(numbers), section);
    }
}
