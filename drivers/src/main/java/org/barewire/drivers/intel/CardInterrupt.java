package org.barewire.drivers.intel;

import java.time.Duration;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Poll;
import org.barewire.core.memory.Registers;

/// What wakes a thread that waits for a receive queue, or for the link to change: an interrupt that happens
/// once each time it is let, so that there is none while the thread polls. Belongs to that thread.
///
/// As it is here, the device masks the interrupt when it has happened and forgets its cause. A cause that
/// came while it was masked is kept, and interrupts as soon as it is let.
public class CardInterrupt {
    private static final long SECOND = 1_000_000_000;

    private final EventFd event;
    private final Poll poll;
    private final Registers registers;
    private final int enableRegister;
    private final int bits;

    /// @param event          that the interrupt signals
    /// @param enableRegister where writing `bits` lets the interrupt happen
    public CardInterrupt(EventFd event, Registers registers, int enableRegister, int bits) {
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

    /// Waits until a device's link has changed, as {@link NetDevice#awaitLinkChange} does, if this is the
    /// interrupt that happens then. A card that is removed interrupts no more, and is looked at once a second.
    public final LinkState awaitLinkChange(NetDevice device, LinkState known, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        while (true) {
            arm();
            LinkState now = device.link();
            long left = end - System.nanoTime();
            if (!now.equals(known) || left <= 0 || Thread.currentThread().isInterrupted()) {
                return now;
            }
            sleep(Math.min(left, SECOND));
        }
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
