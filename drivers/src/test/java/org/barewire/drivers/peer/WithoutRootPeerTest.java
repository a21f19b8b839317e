package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What nobody can do, who has no capability at all. What takes one is tested with the ports that take it.
@Tag("peer")
class WithoutRootPeerTest {
    private static final int PACKETS = 20_000;

    @TempDir
    private Path folder;

    @BeforeEach
    void letOthersIn() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @ParameterizedTest
    @CsvSource({
        "memif:%s?role=server, memif:%s?role=client",
        "virtio-user:%s?server=yes, vhost-user:%s?client=yes",
    })
    void portsOverSocketsExchangePackets(String theirs, String ours) {
        String socket = folder.resolve("socket").toString();
        try (Child child = Child.startAsNobody(theirs.formatted(socket), List.of())) {
            assertThat(child.line()).isEqualTo(Child.OPEN);
            try (NetDevice port = NetDevice.open(ours.formatted(socket));
                    PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
                assertThat(port.awaitLink(Duration.ofSeconds(20)))
                        .as(port.link().reason())
                        .isTrue();
                RxQueue rx = port.rx(0);
                TxQueue tx = port.tx(0);
                Numbered packets = new Numbered(pool, PACKETS, 60, 1514, 1);
                packets.exchange(tx, rx, 100);
                assertThat(packets.complaints()).isEmpty();
            }
        }
    }

    @Test
    void captureFilesAreWrittenAndRead() {
        String file = "pcap:" + folder.resolve("file.pcap");
        for (String device : List.of(file + "?write=yes", file)) {
            try (Child child = Child.startAsNobody(device, List.of())) {
                assertThat(child.line()).isEqualTo(Child.OPEN);
            }
        }
    }
}
