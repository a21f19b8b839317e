package org.barewire.drivers.pcap;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.drivers.peer.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unchecked")
class PcapNoGarbageTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "pcap:in?speed=max&loop=forever, null:",
        "pcap:in?speed=max&loop=forever, pcap:/dev/null?write=yes",
        "pcap:in?speed=max&loop=forever, pcap:/dev/null?write=yes&format=pcapng&rotate-time=1h",
        "null:?source=64, null:",
    })
    void tenMillionPacketsCostNoGarbage(String input, String output) throws IOException {
        Path file = folder.resolve("in");
        CaptureBytes bytes = CaptureBytes.pcapng(LITTLE_ENDIAN).describe(1, 0);
        for (int i = 0; i < 1000; i++) {
            bytes.enhanced(0, i, new byte[64], 64);
        }
        Files.write(file, bytes.bytes());
        try (NetDevice from = NetDevice.open(input.replace("pcap:in", "pcap:" + file));
                NetDevice to = NetDevice.open(output)) {
            RxQueue rx = from.rx(0);
            TxQueue tx = to.tx(0);
            long[] packets = new long[32];
            Runnable million = () -> {
                for (int moved = 0; moved < 1_000_000; ) {
                    int n = rx.receive(packets);
                    tx.sendOrRelease(packets, n);
                    moved += n;
                }
            };
            Allocation.assertNoneInTenMillion(million);
        }
    }
}
