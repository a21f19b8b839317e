package org.barewire.cli;

/// What a data-plane thread does while nothing arrives.
enum RxMode {
    /// Asks on and on: the shortest delay, and all of a CPU.
    POLLING,
    /// Asks on and on under load, and sleeps until an interrupt when there is none.
    ADAPTIVE
}
