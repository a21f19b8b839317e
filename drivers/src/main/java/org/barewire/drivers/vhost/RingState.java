package org.barewire.drivers.vhost;

import org.barewire.core.linux.EventFd;
import org.jspecify.annotations.Nullable;

/// What a front end has told of one ring, and the queue that works on it once everything is known.
final class RingState {
    private final FrontEnd frontEnd;
    private final int index;
    private @Nullable VhostQueue queue;
    private int size;
    private int base;
    private boolean addressed;
    private long descriptor;
    private long driver;
    private long device;
    private boolean kicked; // the front end has handed over what it kicks by, or has said that it won't
    private boolean enabled;
    private @Nullable EventFd kick;
    private @Nullable EventFd call;
    private @Nullable EventFd error;

    RingState(FrontEnd frontEnd, int index, @Nullable VhostQueue queue) {
        this.frontEnd = frontEnd;
        this.index = index;
        this.queue = queue;
    }

    /// Gives the ring the queue that is to work on it.
    void attach(VhostQueue queue) {
        if (this.queue == null) {
            this.queue = queue;
            start();
        }
    }

    void setSize(int size) {
        this.size = size;
    }

    void setAddresses(long descriptor, long driver, long device) {
        this.descriptor = descriptor;
        this.driver = driver;
        this.device = device;
        this.addressed = true;
    }

    void setBase(int base) {
        this.base = base;
    }

    int base() {
        return base;
    }

    void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    /// @param fd what the front end kicks by; null if it doesn't
    void setKick(@Nullable EventFd fd) {
        close(kick);
        kick = fd;
        kicked = true;
    }

    void setCall(@Nullable EventFd fd) {
        close(call);
        call = fd;
    }

    /// @param fd is kept because the front end may ask for it, and never signalled
    void setError(@Nullable EventFd fd) {
        close(error);
        error = fd;
    }

    boolean isReady() {
        boolean known = size > 0 && addressed && kicked && frontEnd.isDriverReady();
        return known && (enabled || !frontEnd.has(VhostRequest.F_PROTOCOL_FEATURES));
    }

    /// Opens the ring to its queue if everything is known.
    ///
    /// @throws ProtocolException if what is known can't be
    void start() {
        if (queue != null && !queue.isRunning() && isReady()) {
            queue.start(setup(queue), call);
        }
    }

    /// Takes the ring from its queue, to change something about it.
    void stop() {
        if (queue != null && queue.isRunning()) {
            base = queue.stop();
        }
    }

    /// Ends the ring (GET_VRING_BASE): it begins again by another kick.
    void end() {
        stop();
        close(kick);
        kick = null;
        kicked = false;
    }

    void close() {
        end();
        setCall(null);
        setError(null);
    }

    private RingSetup setup(VhostQueue queue) {
        GuestMemory memory = frontEnd.memory();
        boolean packed = frontEnd.has(VirtioNet.F_RING_PACKED);
        boolean possible = packed ? (base & 0x7FFF) < size : Integer.bitCount(size) == 1;
        if (!possible) {
            throw new ProtocolException("ring %d of %d descriptors that begins at %d".formatted(index, size, base));
        }
        long event = frontEnd.has(VirtioNet.F_EVENT_IDX) ? 2 : 0;
        long available = packed ? 4 : VirtioNet.RING_ENTRIES + 2L * size + event;
        long used = packed ? 4 : VirtioNet.RING_ENTRIES + 8L * size + event;
        return new RingSetup(
                size,
                index % 2 == 0,
                memory,
                memory.ringAddress("descriptors", descriptor, (long) VirtioNet.DESCRIPTOR * size, 16),
                memory.ringAddress("the driver's part", driver, available, packed ? 4 : 2),
                memory.ringAddress("the device's part", device, used, 4),
                base,
                frontEnd.features(),
                queue.counters,
                packed ? null : frontEnd.inflight(index, size),
                kick);
    }

    private static void close(@Nullable EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
