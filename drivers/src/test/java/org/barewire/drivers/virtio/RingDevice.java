package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_INDIRECT;
import static org.barewire.drivers.vhost.VirtioNet.DESC_NEXT;
import static org.barewire.drivers.vhost.VirtioNet.DESC_WRITE;
import static org.barewire.drivers.vhost.VirtioNet.RING_ENTRIES;
import static org.barewire.drivers.vhost.VirtioNet.RING_INDEX;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.vhost.VirtioNet;
import org.jspecify.annotations.Nullable;

/// The device side of one ring, written for tests from the specification: simple, and one buffer at a time.
abstract class RingDevice {
    /// What the driver made available as one: an id, and the pieces of memory.
    record Buffer(int id, int slots, List<Piece> pieces) {
        int length() {
            return pieces.stream().mapToInt(Piece::length).sum();
        }

        byte[] bytes() {
            byte[] bytes = new byte[length()];
            int at = 0;
            for (Piece piece : pieces) {
                Memory.copy(piece.address, bytes, at, piece.length);
                at += piece.length;
            }
            return bytes;
        }

        /// Fills the pieces with content, the first first.
        void write(byte[] content) {
            int at = 0;
            for (Piece piece : pieces) {
                int n = Math.min(piece.length, content.length - at);
                Memory.copy(content, at, piece.address, n);
                at += n;
            }
        }
    }

    record Piece(long address, int length, int flags) {}

    final RingLayout layout;
    final int mask;

    RingDevice(RingLayout layout) {
        this.layout = layout;
        this.mask = layout.size() - 1;
    }

    static RingDevice of(RingLayout layout) {
        return layout.packed() ? new Packed(layout) : new Split(layout);
    }

    /// Takes the next available buffer, or null.
    abstract @Nullable Buffer take();

    /// Gives a buffer back, of which `length` bytes were written.
    abstract void use(Buffer buffer, int length);

    /// Gives buffers back by saying so of the last only, as in-order devices may.
    abstract void useBatch(List<Buffer> buffers);

    /// Takes a buffer of one piece and gives it back, without allocating; false if there is none.
    abstract boolean recycle(int length);

    /// Takes a buffer, writes to it, and gives it back; false if there is none.
    boolean deliver(byte[] content) {
        Buffer buffer = take();
        if (buffer == null) {
            return false;
        }
        buffer.write(content);
        use(buffer, content.length);
        return true;
    }

    private static long tagged(long ioAddress) {
        return ioAddress | PacketMemory.TAG;
    }

    private static List<Piece> table(long table, int bytes, boolean packed) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < bytes / DESCRIPTOR; i++) {
            long descriptor = table + (long) i * DESCRIPTOR;
            pieces.add(new Piece(tagged(Memory.getLong(descriptor)), Memory.getInt(descriptor + 8), 0));
            int flags = Memory.getShort(descriptor + 12);
            boolean more = i < bytes / DESCRIPTOR - 1;
            if (!packed && (flags != (more ? DESC_NEXT : 0) || more && Memory.getShort(descriptor + 14) != i + 1)) {
                throw new AssertionError("a table that is not linked");
            }
        }
        return pieces;
    }

    static final class Split extends RingDevice {
        private int next;
        private int used;

        Split(RingLayout layout) {
            super(layout);
        }

        @Override
        @Nullable
        Buffer take() {
            if ((Memory.getShortAcquire(layout.driver() + RING_INDEX) & 0xFFFF) == (next & 0xFFFF)) {
                return null;
            }
            int id = Memory.getShort(layout.driver() + RING_ENTRIES + 2L * (next++ & mask)) & 0xFFFF;
            List<Piece> pieces = new ArrayList<>();
            int at = id;
            int flags;
            do {
                long descriptor = layout.descriptors() + (long) at * DESCRIPTOR;
                long address = tagged(Memory.getLong(descriptor));
                int length = Memory.getInt(descriptor + 8);
                flags = Memory.getShort(descriptor + 12);
                if ((flags & DESC_INDIRECT) != 0) {
                    return new Buffer(id, 1, table(address, length, false));
                }
                pieces.add(new Piece(address, length, flags & DESC_WRITE));
                at = Memory.getShort(descriptor + 14) & 0xFFFF;
            } while ((flags & DESC_NEXT) != 0);
            return new Buffer(id, pieces.size(), pieces);
        }

        @Override
        void use(Buffer buffer, int length) {
            long element = layout.device() + RING_ENTRIES + 8L * (used++ & mask);
            Memory.putInt(element, buffer.id);
            Memory.putInt(element + 4, length);
            Memory.putShortRelease(layout.device() + RING_INDEX, (short) used);
        }

        @Override
        void useBatch(List<Buffer> buffers) {
            used += buffers.size() - 1;
            use(buffers.getLast(), 0);
        }

        @Override
        boolean recycle(int length) {
            if ((Memory.getShortAcquire(layout.driver() + RING_INDEX) & 0xFFFF) == (next & 0xFFFF)) {
                return false;
            }
            long element = layout.device() + RING_ENTRIES + 8L * (used++ & mask);
            Memory.putInt(element, Memory.getShort(layout.driver() + RING_ENTRIES + 2L * (next++ & mask)) & 0xFFFF);
            Memory.putInt(element + 4, length);
            Memory.putShortRelease(layout.device() + RING_INDEX, (short) used);
            return true;
        }
    }

    static final class Packed extends RingDevice {
        private int next;
        private int used;

        Packed(RingLayout layout) {
            super(layout);
        }

        @Override
        @Nullable
        Buffer take() {
            List<Piece> pieces = new ArrayList<>();
            int flags;
            int id;
            do {
                long descriptor = layout.descriptors() + (long) (next & mask) * DESCRIPTOR;
                flags = Memory.getShortAcquire(descriptor + 14) & 0xFFFF;
                boolean wrap = (next & mask + 1) == 0;
                if (pieces.isEmpty()
                        && ((flags & VirtioNet.DESC_AVAIL) != 0 != wrap
                                || (flags & VirtioNet.DESC_USED) != 0 == wrap)) {
                    return null;
                }
                long address = tagged(Memory.getLong(descriptor));
                int length = Memory.getInt(descriptor + 8);
                id = Memory.getShort(descriptor + 12) & 0xFFFF;
                next++;
                if ((flags & DESC_INDIRECT) != 0) {
                    return new Buffer(id, 1, table(address, length, true));
                }
                pieces.add(new Piece(address, length, flags & DESC_WRITE));
            } while ((flags & DESC_NEXT) != 0);
            return new Buffer(id, pieces.size(), pieces);
        }

        @Override
        void use(Buffer buffer, int length) {
            long descriptor = layout.descriptors() + (long) (used & mask) * DESCRIPTOR;
            int flags = (used & mask + 1) == 0 ? VirtioNet.DESC_AVAIL | VirtioNet.DESC_USED : 0;
            Memory.putInt(descriptor + 8, length);
            Memory.putShort(descriptor + 12, (short) buffer.id);
            Memory.putShortRelease(descriptor + 14, (short) flags);
            used += buffer.slots;
        }

        @Override
        void useBatch(List<Buffer> buffers) {
            int slots = buffers.stream().mapToInt(Buffer::slots).sum();
            int before = used;
            use(buffers.getLast(), 0);
            used = before + slots;
        }

        @Override
        boolean recycle(int length) {
            long descriptor = layout.descriptors() + (long) (next & mask) * DESCRIPTOR;
            int flags = Memory.getShortAcquire(descriptor + 14) & 0xFFFF;
            boolean wrap = (next & mask + 1) == 0;
            if ((flags & VirtioNet.DESC_AVAIL) != 0 != wrap || (flags & VirtioNet.DESC_USED) != 0 == wrap) {
                return false;
            }
            next++;
            used++;
            Memory.putInt(descriptor + 8, length);
            Memory.putShortRelease(descriptor + 14, (short) (wrap ? VirtioNet.DESC_AVAIL | VirtioNet.DESC_USED : 0));
            return true;
        }
    }
}
