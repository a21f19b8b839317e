package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Packets that go from our own driver to our own device and back, all in one thread.
@Tag("unchecked")
class VhostUserNoGarbageTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"ring=split", "ring=packed"})
    void tenMillionPacketsCostNoGarbage(String ring) {
        String socket = directory.resolve("s").toString();
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048);
                NetDevice device = NetDevice.open("vhost-user:" + socket);
                NetDevice driver = NetDevice.open("virtio-user:%s?%s".formatted(socket, ring))) {
            RxQueue in = device.rx(0);
            TxQueue back = device.tx(0);
            RxQueue end = driver.rx(0);
            TxQueue out = driver.tx(0);
            assertThat(driver.awaitLink(Duration.ofSeconds(20))).isTrue();
            assertThat(device.awaitLink(Duration.ofSeconds(20))).isTrue();
            long[] packets = new long[32];
            Runnable million = () -> {
                for (int moved = 0; moved < 1_000_000; ) {
                    int made = pool.allocate(packets, 0, 32);
                    for (int i = 0; i < made; i++) {
                        packets[i] |= 64;
                    }
                    out.sendOrRelease(packets, made);
                    out.reclaim();
                    back.sendOrRelease(packets, in.receive(packets));
                    int n = end.receive(packets);
                    PacketPool.release(packets, 0, n);
                    moved += n;
                }
            };
            compileCalls();
            Allocation.assertNoneInTenMillion(million);
        }
    }

    /// Drivers are called once in 65,536 packets here. Before it is compiled, a call of a native function costs some
    /// bytes.
    private static void compileCalls() {
        try (EventFd event = EventFd.create()) {
            for (int i = 0; i < 30_000; i++) {
                event.signal();
                event.drain();
            }
        }
    }
}
