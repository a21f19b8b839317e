package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Fd;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Leaks;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A front end that shortens its memory files in mid-traffic, when the data path is interpreted and when it has been
/// compiled: its connection ends and nothing else.
class TakenMemoryTest {
    private static final int RX = 0; // the driver's
    private static final int TX = 1;
    private static final int POOL = 256;
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    @TempDir
    private Path directory;

    private final long[] packets = new long[32];

    /// Half of the frames lie in the second region, the rings in the first one.
    @ParameterizedTest
    @CsvSource({
        "false, false, 0", "false, false, 1", "false, true, 0", "false, true, 1",
        "true, false, 0", "true, false, 1", "true, true, 0", "true, true, 1"
    })
    void theConnectionEndsAndEveryBufferIsBack(boolean packed, boolean compiled, int file) {
        String path = directory.resolve("s").toString();
        try (NetDevice first = NetDevice.open("vhost-user:" + path)) {
            first.rx(0); // maps what lasts
        }
        Leaks before = Leaks.now(PacketMemory.standard());
        long features = VirtioNet.F_VERSION_1 | (packed ? VirtioNet.F_RING_PACKED : 0);
        try (NetDevice device = NetDevice.open("vhost-user:" + path);
                Guest guest = new Guest();
                PlayedFrontEnd front = new PlayedFrontEnd(path);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), POOL)) {
            RxQueue rx = device.rx(0);
            TxQueue tx = device.tx(0);
            front.start(guest, features);
            assertThat(device.awaitLink(Duration.ofSeconds(10))).isTrue();
            Traffic traffic = new Traffic(guest, packed);
            for (int i = 0; i < (compiled ? 100_000 : 10); i++) {
                traffic.offer();
                receive(rx);
                send(tx, pool);
            }
            long moved = device.statistics().rxPackets() + device.statistics().txPackets();
            assertThat(moved).isGreaterThan(compiled ? 100_000 : 10);
            traffic.offer();
            Fd.truncate(guest.files.get(file), 0);
            long start = System.nanoTime();
            while (device.link().up() && System.nanoTime() - start < PATIENCE_NANOS) {
                receive(rx);
                send(tx, pool);
            }
            assertThat(device.link().reason()).contains("memory that it has taken away");
            Map<String, Long> counters = device.statistics().details();
            assertThat(counters.getOrDefault("rx_faults", 0L) + counters.getOrDefault("tx_faults", 0L))
                    .isBetween(1L, 2L);
            receive(rx);
            send(tx, pool);
            assertThat(pool.available()).isEqualTo(POOL);
        }
        before.assertNoMore(PacketMemory.standard());
    }

    /// What the driver's side puts into the rings: frames and buffers of one descriptor, in slots in turn. Two bursts
    /// fit in a ring.
    private static final class Traffic {
        private final Guest guest;
        private final boolean packed;
        private int next;

        Traffic(Guest guest, boolean packed) {
            this.guest = guest;
            this.packed = packed;
        }

        void offer() {
            for (int i = 0; i < 32; i++) {
                offer(TX, next + i & Guest.SIZE - 1, 0, (next + i & Guest.SIZE) != 0);
                offer(RX, next + i & Guest.SIZE - 1, Guest.WRITE, (next + i & Guest.SIZE) != 0);
            }
            next += 32;
        }

        private void offer(int ring, int slot, int flags, boolean second) {
            long region = (slot & 1) * Guest.REGION;
            long buffer = Guest.buffer(ring, slot >> 1) + region;
            if (packed) {
                guest.packed(ring, slot, buffer, 80, flags, slot);
                if (second) {
                    guest.turn(ring, slot);
                }
            } else {
                guest.descriptor(Guest.descriptors(ring), slot, buffer, 80, flags, 0);
                guest.offer(ring, slot);
            }
        }
    }

    private void receive(RxQueue rx) {
        PacketPool.release(packets, 0, rx.receive(packets));
    }

    private void send(TxQueue tx, PacketPool pool) {
        int n = pool.allocate(packets, 0, packets.length);
        for (int i = 0; i < n; i++) {
            packets[i] |= 60;
        }
        tx.sendOrRelease(packets, n);
    }
}
