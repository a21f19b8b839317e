package org.barewire.drivers.memif;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unchecked")
class MemifAllocationTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void tenMillionPacketsCostNoGarbage(String mode) {
        String name = "memif:" + folder.resolve("s") + "?";
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048);
                NetDevice server = NetDevice.open(name + "role=server");
                NetDevice client = NetDevice.open(name + mode)) {
            assertThat(client.awaitLink(Duration.ofSeconds(20))).isTrue();
            RxQueue in = server.rx(0);
            TxQueue back = server.tx(0);
            RxQueue end = client.rx(0);
            TxQueue out = client.tx(0);
            long[] packets = new long[32];
            Runnable million = () -> {
                for (int moved = 0; moved < 1_000_000; ) {
                    int made = pool.allocate(packets, 0, 32);
                    for (int i = 0; i < made; i++) {
                        packets[i] |= 64;
                    }
                    out.sendOrRelease(packets, made);
                    int n = in.receive(packets);
                    back.sendOrRelease(packets, n);
                    n = end.receive(packets);
                    PacketPool.release(packets, 0, n);
                    moved += n;
                }
            };
            Allocation.assertNoneInTenMillion(million);
        }
    }
}
