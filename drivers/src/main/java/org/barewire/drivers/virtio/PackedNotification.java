package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.EVENT_DESC;
import static org.barewire.drivers.vhost.VirtioNet.EVENT_DISABLE;
import static org.barewire.drivers.vhost.VirtioNet.EVENT_ENABLE;
import static org.barewire.drivers.vhost.VirtioNet.EVENT_FLAGS;
import static org.barewire.drivers.vhost.VirtioNet.F_EVENT_IDX;

import java.lang.invoke.VarHandle;
import org.barewire.core.memory.Memory;

/// Notifies the device of a packed ring if it wants that (2.8.14, 2.8.21.3). The driver polls, and wants
/// interrupts only while it sleeps.
final class PackedNotification {
    private final long own; // event suppression
    private final long wanted; // the device's event suppression
    private final int mask;
    private final boolean byPosition;
    private final Notifier notifier;

    PackedNotification(RingLayout layout, long features, Notifier notifier) {
        this.own = layout.driver();
        this.wanted = layout.device();
        this.mask = layout.size() - 1;
        this.byPosition = (features & F_EVENT_IDX) != 0;
        this.notifier = notifier;
        setInterrupts(false);
    }

    /// Has the device interrupt when it uses a buffer, or not.
    void setInterrupts(boolean on) {
        Memory.putShort(own + EVENT_FLAGS, (short) (on ? EVENT_ENABLE : EVENT_DISABLE));
        VarHandle.fullFence(); // the device looks here after it has used a buffer; who calls, the other way
    }

    /// Says that descriptors up to and without `position`, which counts without end, are available.
    void published(int position) {
        VarHandle.fullFence(); // the device looks at the ring after it has asked to be notified; so the other way here
        int event = Memory.getInt(wanted);
        int flags = event >>> 16 & 3;
        if (flags != EVENT_DISABLE && (flags != EVENT_DESC || !byPosition || isPassed(event & 0xFFFF, position))) {
            notifier.notifyDevice();
        }
    }

    /// Whether the position that the device waits for, an offset with the wrap counter in bit 15, is before
    /// `position`, be it by more than what was published last: QEMU 11 goes on without asking anew after its own
    /// peer was congested, and would wait for ever for a position that it has passed itself.
    private boolean isPassed(int event, int position) {
        int round = (event >>> 15 ^ 1) * (mask + 1);
        int wide = 2 * (mask + 1) - 1; // offset and wrap counter repeat after two rounds
        int target = round + (event & 0x7FFF) & wide;
        return (position - target - 1 & wide) <= mask;
    }
}
