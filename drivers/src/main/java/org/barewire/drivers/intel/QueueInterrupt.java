package org.barewire.drivers.intel;

import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Poll;
import org.barewire.core.memory.Registers;

/// What wakes the thread of a receive queue: an interrupt that happens once each time it is let, so that
/// there is none while the thread polls. Belongs to the queue's thread.
///
/// As it is here, the device masks the interrupt when it has happened and forgets its cause. A cause that
/// came while it was masked is kept, and interrupts as soon as it is let.
public class QueueInterrupt {
    private final EventFd event;
    private final Poll poll;
    private final Registers registers;
    private final int enableRegister;
    private final int bits;

    /// @param event          that the interrupt signals
    /// @param enableRegister where writing `bits` lets the interrupt happen
    public QueueInterrupt(EventFd event, Registers registers, int enableRegister, int bits) {
        this.event = event;
        this.poll = Poll.of(event.fd(), Poll.IN);
        this.registers = registers;
        this.enableRegister = enableRegister;
        this.bits = bits;
    }

    /// Lets it happen.
    final void arm() {
        registers.write32(enableRegister, bits);
    }

    /// Waits until it has happened, `nanos` at most; says whether it has.
    final boolean sleep(long nanos) {
        if (poll.awaitNanos(nanos) <= 0) {
            return false;
        }
        event.drain();
        acknowledge();
        return true;
    }

    /// Masks the interrupt and forgets its cause, if the device does not.
    protected void acknowledge() {}
}
