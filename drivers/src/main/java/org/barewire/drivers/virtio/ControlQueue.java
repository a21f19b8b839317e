package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_NEXT;
import static org.barewire.drivers.vhost.VirtioNet.DESC_WRITE;
import static org.barewire.drivers.vhost.VirtioNet.RING_ENTRIES;
import static org.barewire.drivers.vhost.VirtioNet.RING_INDEX;

import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;

/// The queue of commands to a network device (5.1.6.5), one at a time.
///
/// A command is a chain of descriptors: class and command, each part of its data, and the answer. That is how
/// old devices want it cut.
final class ControlQueue {
    /// Bytes of data that every command can have.
    static final int MOST_DATA = 4000;

    private static final int BUFFER = 4096;
    private static final int ANSWER = BUFFER - 1;
    private static final int MOST_PIECES = 4;
    private static final int OK = 0;
    private static final int NOT_ANSWERED = 0xFF;
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    private final Transport transport;
    private final PacketMemory memory;
    private final RingLayout ring;
    private final IntConsumer publish;
    private final long buffer;
    private final long[] addresses = new long[MOST_PIECES];
    private final int[] lengths = new int[MOST_PIECES];
    private int next; // commands that were given; of a packed ring, descriptors
    private boolean stuck;

    /// @param node NUMA node, for memory
    /// @param ring as yet unknown to the device; this object's from now on
    ControlQueue(
            Transport transport, PacketMemory memory, int node, RingLayout ring, long features, Notifier notifier) {
        this.transport = transport;
        this.memory = memory;
        this.ring = ring;
        this.publish = ring.packed()
                ? new PackedNotification(ring, features, notifier)::published
                : new SplitNotification(ring, features, notifier)::publish;
        this.buffer = memory.allocateRing(BUFFER, node);
    }

    /// Gives a command and waits for the answer.
    ///
    /// @param data in one part or two
    /// @throws DeviceException if the device refuses, or does not answer
    void command(int group, int command, byte[]... data) {
        transport.check();
        if (stuck) {
            throw new DeviceException("the device has left a command without an answer; close it and open it again");
        }
        int pieces = fill(group, command, data);
        BooleanSupplier isDone = ring.packed() ? writePacked(pieces) : writeSplit(pieces);
        publish.accept(next);
        if (!Registers.await(() -> isDone.getAsBoolean() || transport.failure() != null, PATIENCE_NANOS)) {
            stuck = true;
            throw new DeviceException("the device does not answer command %d of class %d".formatted(command, group));
        }
        transport.check();
        int answer = Memory.getByte(buffer + ANSWER) & 0xFF;
        if (answer != OK) {
            throw new DeviceException(
                    "the device refuses command %d of class %d: it answers %d".formatted(command, group, answer));
        }
    }

    private int fill(int group, int command, byte[]... data) {
        Memory.putByte(buffer, (byte) group);
        Memory.putByte(buffer + 1, (byte) command);
        Memory.putByte(buffer + ANSWER, (byte) NOT_ANSWERED);
        long end = buffer;
        int pieces = 0;
        end = piece(pieces++, end, 2);
        for (byte[] part : data) {
            Memory.copy(part, 0, end, part.length);
            end = piece(pieces++, end, part.length);
        }
        piece(pieces++, buffer + ANSWER, 1);
        return pieces;
    }

    private long piece(int index, long address, int length) {
        addresses[index] = PacketMemory.ioAddress(address);
        lengths[index] = length;
        return address + length;
    }

    /// Always the same descriptors: the device has one command at most.
    private BooleanSupplier writeSplit(int pieces) {
        for (int i = 0; i < pieces; i++) {
            long descriptor = ring.descriptors() + (long) i * DESCRIPTOR;
            long link = i == pieces - 1 ? (long) DESC_WRITE << 32 : (long) (i + 1) << 48 | (long) DESC_NEXT << 32;
            Memory.putLong(descriptor, addresses[i]);
            Memory.putLong(descriptor + 8, link | lengths[i]);
        }
        Memory.putShort(ring.driver() + RING_ENTRIES + 2L * (next & ring.size() - 1), (short) 0);
        short index = (short) ++next;
        // acquire: pairs with the device's write of the index after the answer (2.7.8.2)
        return () -> Memory.getShortAcquire(ring.device() + RING_INDEX) == index;
    }

    /// The first descriptor is made available last, as in {@link PackedTxRing}.
    private BooleanSupplier writePacked(int pieces) {
        int mask = ring.size() - 1;
        int first = next;
        long head = ring.descriptors() + (long) (first & mask) * DESCRIPTOR;
        for (int i = pieces - 1; i >= 0; i--) {
            long descriptor = ring.descriptors() + (long) (first + i & mask) * DESCRIPTOR;
            long flags = PackedRxRing.availableBits(first + i, mask) | (i == pieces - 1 ? DESC_WRITE : DESC_NEXT);
            Memory.putLong(descriptor, addresses[i]);
            // release: pairs with the device's read of the flags before the rest (2.8.21)
            Memory.putLongRelease(descriptor + 8, flags << 48 | lengths[i]);
        }
        next += pieces;
        // acquire: pairs with the device's write of the flags after the answer (2.8.21)
        return () -> PackedRxRing.isUsed(Memory.getLongAcquire(head + 8), first, mask);
    }

    /// Frees its memory. The device has been reset.
    void close() {
        memory.freeRing(buffer, BUFFER);
        ring.free(memory);
    }
}
