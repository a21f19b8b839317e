package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_EVENT_IDX;
import static org.barewire.drivers.vhost.VirtioNet.RING_ENTRIES;
import static org.barewire.drivers.vhost.VirtioNet.RING_FLAGS;
import static org.barewire.drivers.vhost.VirtioNet.RING_INDEX;
import static org.barewire.drivers.vhost.VirtioNet.RING_NO_NOTIFY;

import java.lang.invoke.VarHandle;
import org.barewire.core.memory.Memory;

/// Publishes the available index of a split ring, and notifies the device if it wants that (2.7.10,
/// 2.7.13). The driver polls, and wants interrupts only while it sleeps (2.7.7).
final class SplitNotification {
    private final long available;
    private final long used;
    private final long eventIndex; // where the device says when it wants to be notified; 0 if it does so by a flag
    private final long usedEvent; // where the driver says when it wants to be interrupted; 0 as above
    private final Notifier notifier;
    private int published;

    SplitNotification(RingLayout layout, long features, Notifier notifier) {
        this.available = layout.driver();
        this.used = layout.device();
        boolean byIndex = (features & F_EVENT_IDX) != 0;
        this.eventIndex = byIndex ? used + RING_ENTRIES + 8L * layout.size() : 0;
        this.usedEvent = byIndex ? available + RING_ENTRIES + 2L * layout.size() : 0;
        this.notifier = notifier;
        setInterrupts(false, 0);
    }

    /// Has the device interrupt when it uses the buffer of index `used`, or not before it has used 65,535 more:
    /// with indexes there is no way to want none.
    void setInterrupts(boolean on, int used) {
        if (usedEvent != 0) {
            Memory.putShort(usedEvent, (short) (on ? used : used - 1));
        } else {
            Memory.putShort(available + RING_FLAGS, (short) (on ? 0 : RING_NO_NOTIFY));
        }
        VarHandle.fullFence(); // the device looks here after it has used a buffer; who calls, the other way
    }

    void publish(int index) {
        int before = published;
        published = index;
        // release: pairs with the device's read of the index before the entries and descriptors (2.7.6.1)
        Memory.putShortRelease(available + RING_INDEX, (short) index);
        VarHandle.fullFence(); // the device looks at the index after it has asked to be notified; so the other way here
        if (eventIndex == 0
                ? (Memory.getShort(used + RING_FLAGS) & RING_NO_NOTIFY) == 0
                : isPassed(Memory.getShort(eventIndex), index, before)) {
            notifier.notifyDevice();
        }
    }

    /// Whether `event` is one of the indexes from `before` up to and without `index` (2.7.10.1).
    static boolean isPassed(int event, int index, int before) {
        return (index - event - 1 & 0xFFFF) < (index - before & 0xFFFF);
    }
}
