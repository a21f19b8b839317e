package org.barewire.drivers.vhost;

import java.lang.invoke.VarHandle;
import org.barewire.core.device.Counters;
import org.barewire.core.memory.Memory;

/// The device's side of a ring in a guest's memory (virtio 1.2, 2.7 and 2.8).
///
/// Chains of descriptors are gathered a burst at a time, used at once, and given back in the order in which
/// they came; between two bursts the device has none. Whatever is read may be wrong and change at any moment:
/// each field is read once, checked, and then used.
abstract class Vring {
    final Chains chains = new Chains();
    final int size;
    final boolean indirect;
    final boolean eventIndex;
    private final GuestMemory memory;
    private final int direction;
    private final long counters;

    // The region that was last hit: descriptors mostly lie in the same one.
    long regionStart;
    long regionSize;
    long regionShift;

    Vring(RingSetup setup) {
        this.size = setup.size();
        this.memory = setup.memory();
        this.direction = setup.toDriver() ? VirtioNet.DESC_WRITE : 0;
        this.indirect = (setup.features() & VirtioNet.F_INDIRECT_DESC) != 0;
        this.eventIndex = (setup.features() & VirtioNet.F_EVENT_IDX) != 0;
        this.counters = setup.counters();
    }

    /// Takes up to `most` waiting chains into {@link #chains}, and returns how many there are. They stay the
    /// ring's next ones until {@linkplain #complete completed}.
    abstract int gather(int most);

    /// Gives the first `count` of the gathered chains back to the driver, with what was written into each.
    ///
    /// @return true if the driver wants to be called
    final boolean complete(int count) {
        use(count);
        // The driver asks for a call and then looks at the ring once more; we the other way round (2.7.7.2).
        VarHandle.fullFence();
        return wantsCall();
    }

    abstract void use(int count);

    /// Has the driver notify when it makes the next chain available, or not any more. Who looks at the ring
    /// after that either finds a chain or is notified of it.
    final void setNotifications(boolean on) {
        ask(on);
        // The driver makes chains available and then looks whether that is asked for; so the other way here
        // (2.7.10.2)
        VarHandle.fullFence();
    }

    abstract void ask(boolean notify);

    /// Whether {@link #gather} would find a chain.
    abstract boolean isWaiting();

    abstract boolean wantsCall();

    /// Where the driver's next chain will be, in the form of VRING_BASE.
    abstract int base();

    /// The bits of a descriptor's flags that a fast path tests, and what they must be: a descriptor on its
    /// own, in the ring's direction.
    static final int PLAIN_MASK = VirtioNet.DESC_NEXT | VirtioNet.DESC_INDIRECT | VirtioNet.DESC_WRITE;

    final int direction() {
        return direction;
    }

    /// Adds a descriptor's range to the chain that begins at part `from`, region by region; returns the next
    /// part, or -1 if the range is not the guest's or the chain gets too long.
    final int append(int part, int from, long address, long length, int flags) {
        if ((flags & VirtioNet.DESC_WRITE) != direction) {
            return -1;
        }
        int next = part;
        long at = address;
        long left = length;
        do {
            if (next - from == Chains.MOST_PARTS || !findRegion(at)) {
                return -1;
            }
            long room = regionSize - (at - regionStart);
            int step = (int) Math.min(Integer.MAX_VALUE, Math.min(left, room));
            chains.address[next] = at + regionShift;
            chains.length[next] = step;
            next++;
            at += step;
            left -= step;
        } while (left > 0);
        return next;
    }

    /// The address here of a table of indirect descriptors, or 0 if there can be none.
    final long indirectTable(long address, long length) {
        boolean possible = indirect
                && length > 0
                && length % VirtioNet.DESCRIPTOR == 0
                && length <= (long) Chains.MOST_PARTS * VirtioNet.DESCRIPTOR
                && findRegion(address)
                && length <= regionSize - (address - regionStart);
        return possible ? address + regionShift : 0;
    }

    /// Leaves a chain that is not in order without parts.
    final int malformed(int from) {
        count(QueueCounter.MALFORMED);
        return from;
    }

    final void count(int counter) {
        Counters.add(counters, counter, 1);
    }

    private boolean findRegion(long address) {
        int region = memory.find(address);
        if (region < 0) {
            return false;
        }
        regionStart = memory.start(region);
        regionSize = memory.size(region);
        regionShift = memory.shift(region);
        return true;
    }

    /// Whether a call is due when a ring's index goes from `before` to `now` (2.7.7.1): the one that the
    /// driver waits for has been passed.
    static boolean passes(int event, int now, int before) {
        return (now - event - 1 & 0xFFFF) < (now - before & 0xFFFF);
    }

    static int getShort(long address) {
        return Memory.getShort(address) & 0xFFFF;
    }
}
