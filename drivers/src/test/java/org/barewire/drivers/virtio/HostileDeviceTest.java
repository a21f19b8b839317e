package org.barewire.drivers.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.vhost.VirtioNet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A device that writes anything to the memory that it shares, while packets move: what it says is counted,
/// never followed. Checked memory notices any access that strays, and any packet that is given back twice.
class HostileDeviceTest {
    private static final int ROUNDS = Integer.getInteger("barewire.hostile.rounds", 20_000); // of 10 and more

    private static final int ROUNDS_PER_RING = 50;

    private final long[] in = new long[32];
    private final long[] out = new long[8];

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({
        "false, 0",
        "false, 0x100008000",
        "false, 0x910000000",
        "false, 0x120008083",
        "true, 0x500000000",
        "true, 0x500008000",
        "true, 0xD10000000",
        "true, 0x520008083"
    })
    void whateverTheDeviceWritesIsNotFollowed(boolean packed, String features) {
        SplittableRandom random = new SplittableRandom(features.hashCode());
        long received = 0;
        long rxErrors = 0;
        long txErrors = 0;
        for (int round = 0; round < ROUNDS; round += ROUNDS_PER_RING) { // a ring runs dry of ids that never come back
            try (Rings rings = new Rings(packed, Long.decode(features))) {
                for (int i = 0; i < ROUNDS_PER_RING; i++) {
                    received += move(random, rings);
                    writeHeaders(rings);
                    for (int k = random.nextInt(8); k > 0; k--) { // so that something moves, as long as it can
                        rings.rxDevice.recycle(72);
                        rings.txDevice.recycle(0);
                    }
                    corrupt(random, rings.rxLayout);
                    corrupt(random, rings.txLayout);
                    if (random.nextInt(4) == 0) {
                        corruptHeader(random, rings);
                    }
                }
                rxErrors += Counter.ERRORS.get(rings.rxCounters);
                txErrors += Counter.ERRORS.get(rings.txCounters);
                assertThat(rings.tx.room()).isBetween(0, Rings.SIZE);
                assertThat(rings.packets.available()).isGreaterThanOrEqualTo(rings.packets.slots() - 2 * Rings.SIZE);
            }
        }
        assertThat(received).isGreaterThan(ROUNDS / 1000);
        assertThat(rxErrors).isPositive();
        assertThat(txErrors).isPositive();
    }

    /// Receives what there is, and sends a few packets; returns how many were received.
    private int move(SplittableRandom random, Rings rings) {
        int received = rings.rx.receive(in, 0, in.length);
        for (int k = 0; k < received; k++) {
            Packet.getByte(in[k], 0); // checked: within the packet and within memory
            Packet.release(in[k]);
        }
        int ready = rings.packets.allocate(out, 0, random.nextInt(out.length));
        for (int k = 0; k < ready; k++) {
            out[k] = random.nextInt(4) == 0 ? chain(rings, out[k]) : Packet.resize(out[k], 60);
        }
        int taken = rings.tx.send(out, 0, ready);
        for (int k = taken; k < ready; k++) {
            Packet.release(out[k]);
        }
        rings.tx.clean();
        return received;
    }

    /// Writes to every buffer a header that makes sense: no offloads, one buffer.
    private static void writeHeaders(Rings rings) {
        for (long buffer : rings.rx.buffers) {
            if (buffer != 0) {
                long header = Packet.address(buffer) - VirtioNet.HEADER;
                Memory.putLong(header, 0);
                Memory.putInt(header + 8, 1 << 16);
            }
        }
    }

    /// A packet of two segments, or of one if there is none left.
    private static long chain(Rings rings, long first) {
        long second = rings.packets.allocate();
        if (second == 0) {
            return Packet.resize(first, 60);
        }
        long packet = Metadata.begin(Packet.resize(first, 60));
        Metadata.setNext(packet, Packet.resize(second, 60));
        return packet;
    }

    /// Writes anything where the device may write: often what could be meant, else any bits.
    private static void corrupt(SplittableRandom random, RingLayout layout) {
        int slot = random.nextInt(Rings.SIZE);
        int length = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(2000);
        int id = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(Rings.SIZE + 1);
        if (layout.packed()) {
            long descriptor = layout.descriptors() + (long) slot * VirtioNet.DESCRIPTOR;
            int flags = random.nextInt(4) == 0 ? random.nextInt() : random.nextBoolean() ? 0x8080 : 0;
            Memory.putInt(descriptor + 8, length);
            Memory.putShort(descriptor + 12, (short) id);
            Memory.putShort(descriptor + 14, (short) flags);
            Memory.putInt(layout.device(), random.nextInt());
        } else {
            long used = layout.device();
            long element = used + VirtioNet.RING_ENTRIES + 8L * slot;
            Memory.putInt(element, id);
            Memory.putInt(element + 4, length);
            int index = Memory.getShort(used + VirtioNet.RING_INDEX);
            int jump = random.nextInt(16) == 0 ? random.nextInt() : random.nextInt(3);
            Memory.putShort(used + VirtioNet.RING_INDEX, (short) (index + jump));
            Memory.putShort(used + VirtioNet.RING_FLAGS, (short) random.nextInt());
            Memory.putShort(element + 8L * (Rings.SIZE - slot), (short) random.nextInt());
        }
    }

    /// Writes anything to the header and the first bytes of a buffer.
    private static void corruptHeader(SplittableRandom random, Rings rings) {
        long buffer = rings.rx.buffers[random.nextInt(Rings.SIZE)];
        if (buffer != 0) {
            long header = Packet.address(buffer) - VirtioNet.HEADER;
            for (int i = 0; i < VirtioNet.HEADER + 60; i++) {
                Memory.putByte(header + i, (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0));
            }
            Memory.putShort(header + VirtioNet.HEADER_BUFFERS, (short) random.nextInt(4));
            Memory.putShortBe(header + VirtioNet.HEADER + 12, (short) (random.nextBoolean() ? 0x0800 : 0x86DD));
            Memory.putByte(header, (byte) random.nextInt(3));
            Memory.putByte(header + 1, (byte) random.nextInt(6));
            Memory.putShort(header + 6, (short) random.nextInt(80));
            Memory.putShort(header + 8, (short) (random.nextBoolean() ? 16 : 6));
        }
    }
}
