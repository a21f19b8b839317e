package org.barewire.sim;

import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;
import org.jspecify.annotations.Nullable;

/// One end of a {@link Wire}.
public final class WireEnd {
    private static final int SLOTS = 256;
    private static final long BYTES = (long) SLOTS * Wire.MAX_FRAME;

    private final long memory =
            Mman.map(0, BYTES, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, -1, 0);
    private final int[] lengths = new int[SLOTS];
    private int sent;
    private int delivered;
    private @Nullable WireEnd other;
    private volatile @Nullable Endpoint endpoint;

    WireEnd() {}

    void join(WireEnd end) {
        other = end;
    }

    public void connect(Endpoint newEndpoint) {
        endpoint = newEndpoint;
        if (other != null && other.endpoint != null) {
            other.endpoint.carrierChanged(true);
        }
    }

    public boolean canSend(long nowNanos) {
        return sent - delivered < SLOTS;
    }

    public void send(long nowNanos, long address, int length) {
        int slot = sent++ & SLOTS - 1;
        lengths[slot] = length;
        Memory.copy(address, memory + (long) slot * Wire.MAX_FRAME, length);
    }

    public long bitsPerSecond() {
        return 0;
    }

    public boolean carrier() {
        return other != null && other.endpoint != null;
    }

    boolean deliver() {
        Endpoint target = other == null ? null : other.endpoint;
        int end = sent;
        boolean worked = delivered != end;
        while (delivered != end) {
            int slot = delivered++ & SLOTS - 1;
            if (target != null) {
                target.frameArrived(memory + (long) slot * Wire.MAX_FRAME, lengths[slot], false);
            }
        }
        return worked;
    }
}
