package org.barewire.drivers.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.OptionReader;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureTest {
    private static final DeviceConfig CONFIG = DeviceConfig.standard().withPoolSize(1024);

    @TempDir
    private Path folder;

    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 256);
    private long time = 1_700_000_000_000_000_000L;

    @AfterEach
    void everyBufferIsBack() {
        assertThat(pool.available()).isEqualTo(256);
        pool.close();
    }

    private long packet(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return pool.allocateCopy(bytes);
    }

    private CapturePort open(String path, String options) {
        DeviceName name = DeviceName.parse("pcap:" + path + "?buffer=1" + options);
        CaptureOptions parsed = CaptureOptions.parse(path, new OptionReader(name.options()));
        RecordFormat format = parsed.format() == CaptureOptions.Format.PCAP
                ? new PcapFormat(parsed.snapLength())
                : new PcapNgFormat(parsed.snapLength(), "eth7");
        return new CapturePort(name.toString(), path, format, parsed, CONFIG, () -> time);
    }

    /// All of them, in the end.
    private static void send(TxQueue tx, long... packets) {
        for (int sent = 0; sent < packets.length; ) {
            sent += tx.send(packets, sent, packets.length - sent);
        }
    }

    private static List<byte[]> read(Path file) {
        List<byte[]> frames = new ArrayList<>();
        try (NetDevice port = NetDevice.open("pcap:" + file + "?speed=max")) {
            long[] packets = new long[16];
            for (int n = port.rx(0).receive(packets); n > 0; n = port.rx(0).receive(packets)) {
                for (int i = 0; i < n; i++) {
                    assertThat(Packet.next(packets[i])).isZero();
                    frames.add(Packet.bytes(packets[i]));
                    Packet.release(packets[i]);
                }
            }
            assertThat(port.link().reason()).isEqualTo("every frame has been read");
        }
        return frames;
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcap", "pcapng"})
    void whatIsSentIsInTheFile(String format) throws IOException {
        Path file = folder.resolve("out." + format);
        try (CapturePort port = open(file.toString(), "&format=" + format)) {
            long chained = Metadata.begin(packet(100, 1));
            Metadata.setNext(chained, packet(51, 2));
            send(port.tx(0), packet(60, 3), chained, packet(61, 4), packet(1514, 5));
            assertThat(port.statistics().txBytes()).isEqualTo(60 + 151 + 61 + 1514);
            assertThat(port.link().up()).isTrue();
        }
        List<byte[]> frames = read(file);
        assertThat(frames).hasSize(4);
        assertThat(frames.get(0)).hasSize(60).containsOnly(3);
        assertThat(Arrays.copyOf(frames.get(1), 100)).containsOnly(1);
        assertThat(Arrays.copyOfRange(frames.get(1), 100, 151)).containsOnly(2);
        assertThat(frames.get(2)).hasSize(61).containsOnly(4);
        assertThat(frames.get(3)).hasSize(1514).containsOnly(5);
    }

    @Test
    void recordsKeepTheTimeAndTheOriginalLength() throws IOException {
        Path file = folder.resolve("out.pcap");
        time = 1_700_000_000_123_456_789L;
        try (CapturePort port = open(file.toString(), "&snaplen=20")) {
            send(port.tx(0), packet(60, 1));
        }
        ByteBuffer read = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(read.capacity()).isEqualTo(24 + 16 + 20);
        assertThat(read.getInt(16)).as("snap length").isEqualTo(20);
        assertThat(read.getInt(24)).isEqualTo(1_700_000_000);
        assertThat(read.getInt(28)).isEqualTo(123_456_789);
        assertThat(read.getInt(32)).isEqualTo(20);
        assertThat(read.getInt(36)).isEqualTo(60);
    }

    @Test
    void pcapngEndsWithWhatWasReceivedAndDropped() throws IOException {
        Path file = folder.resolve("out.pcapng");
        int dropped = 0;
        int sent = 0;
        try (CapturePort port = open(file.toString(), "&snaplen=60")) {
            TxQueue tx = port.tx(0);
            long[] burst = new long[256];
            while (dropped == 0) {
                pool.allocate(burst, 0, 256);
                for (int i = 0; i < 256; i++) {
                    burst[i] = Packet.resize(burst[i], 1514);
                }
                int taken = tx.sendOrRelease(burst, 256);
                sent += 256;
                dropped = 256 - taken;
            }
            assertThat(tx.statistics().dropped()).isEqualTo(dropped);
            assertThat(port.statistics().details()).containsEntry("dropped", (long) dropped);
        }
        assertThat(read(file)).hasSize(sent - dropped);
        ByteBuffer read = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int block = read.capacity() - read.getInt(read.capacity() - 4);
        assertThat(read.getInt(block)).as("interface statistics").isEqualTo(5);
        assertThat(read.getInt(block + 20)).as("isb_ifrecv").isEqualTo(8 << 16 | 4);
        assertThat(read.getLong(block + 24)).isEqualTo(sent);
        assertThat(read.getInt(block + 32)).as("isb_ifdrop").isEqualTo(8 << 16 | 5);
        assertThat(read.getLong(block + 36)).isEqualTo(dropped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcap", "pcapng"})
    void aFileThatHasBecomeTooLongIsFollowedByAnother(String format) throws IOException {
        Path file = folder.resolve("out");
        try (CapturePort port = open(file.toString(), "&rotate-size=4k&format=" + format)) {
            for (int i = 0; i < 10; i++) {
                send(port.tx(0), packet(1010, i));
            }
        }
        List<byte[]> frames = new ArrayList<>();
        for (String suffix : List.of("", "1", "2", "3")) {
            Path part = folder.resolve("out" + suffix);
            assertThat(Files.size(part)).isBetween(1000L, 4096L);
            frames.addAll(read(part));
        }
        assertThat(folder.resolve("out4")).doesNotExist();
        assertThat(frames).hasSize(10);
        for (int i = 0; i < 10; i++) {
            assertThat(frames.get(i)).hasSize(1010).containsOnly(i);
        }
    }

    @Test
    void aFileThatHasBecomeTooOldIsFollowedByAnother() {
        Path file = folder.resolve("out.pcap");
        try (CapturePort port = open(file.toString(), "&rotate-time=5m")) {
            for (int minute = 0; minute < 12; minute++) {
                send(port.tx(0), packet(60, minute));
                time += 60_000_000_000L;
            }
        }
        assertThat(read(file)).hasSize(5);
        assertThat(read(folder.resolve("out.pcap1"))).hasSize(5);
        assertThat(read(folder.resolve("out.pcap2"))).hasSize(2);
    }

    @Test
    void moreThanTheBufferHoldsIsWrittenInOrder() {
        Path file = folder.resolve("out.pcap");
        int count = 20_000;
        try (CapturePort port = open(file.toString(), "")) {
            TxQueue tx = port.tx(0);
            for (int i = 0; i < count; i++) {
                long packet = pool.allocate();
                while (packet == 0) {
                    packet = pool.allocate();
                }
                packet = Packet.resize(packet, 60 + i % 500);
                Packet.setInt(packet, 0, i);
                send(tx, packet);
            }
        }
        List<byte[]> frames = read(file);
        assertThat(frames).hasSize(count);
        for (int i = 0; i < count; i++) {
            assertThat(frames.get(i)).hasSize(60 + i % 500);
            assertThat(ByteBuffer.wrap(frames.get(i)).getInt()).isEqualTo(i);
        }
    }

    @Test
    void aFileThatCannotBeGoneOnWithIsTold() throws IOException {
        Path file = folder.resolve("out");
        Files.createDirectory(folder.resolve("out1"));
        CapturePort port = open(file.toString(), "&rotate-size=1k");
        assertThatThrownBy(() -> {
                    try (port) {
                        send(port.tx(0), packet(600, 1), packet(600, 2));
                    }
                })
                .isInstanceOf(DeviceException.class)
                .hasMessage(
                        "%s is not complete: create %s1: is a directory (EISDIR). Make room, or write elsewhere",
                        file, file);
        assertThat(port.link().reason()).contains("EISDIR");
        assertThat(read(file)).hasSize(1);
    }

    @Test
    void aFileThatIsWrittenIsNotWrittenByAnother() throws IOException {
        Path file = folder.resolve("out");
        Path other = Files.createSymbolicLink(folder.resolve("link"), file);
        try (CapturePort port = open(file.toString(), "")) {
            send(port.tx(0), packet(600, 1));
            assertThatThrownBy(() -> open(other.toString(), ""))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageEndingWith(
                            "%s is being written by this process or another; write to another file", other);
        }
        assertThat(read(file)).hasSize(1);
        open(other.toString(), "").close();
        assertThat(read(file)).as("the file, which nobody writes any more").isEmpty();
    }

    @Test
    void aFileThatAnotherWritesEndsRotation() {
        Path file = folder.resolve("out");
        CapturePort port = open(file.toString(), "&rotate-size=1k");
        try (CaptureFile next = CaptureFile.create(file + "1")) {
            assertThat(next.isOpen()).isTrue();
            assertThatThrownBy(() -> {
                        try (port) {
                            send(port.tx(0), packet(600, 1), packet(600, 2));
                        }
                    })
                    .hasMessageContaining("%s1 is being written", file);
        }
        assertThat(read(file)).hasSize(1);
    }

    @Test
    void aFileThatIsReadIsNotWritten() throws IOException {
        Path file = folder.resolve("out");
        try (CapturePort port = open(file.toString(), "")) {
            send(port.tx(0), packet(600, 1));
        }
        byte[] before = Files.readAllBytes(file);
        try (NetDevice replay = NetDevice.open("pcap:" + file)) {
            assertThat(replay.link().up()).isTrue();
            assertThatThrownBy(() -> open(file.toString(), ""))
                    .hasMessageContaining("%s is being read by this process or another", file);
        }
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void aDeviceIsWrittenByMany() {
        try (CaptureFile one = CaptureFile.create("/dev/null");
                CaptureFile other = CaptureFile.create("/dev/null")) {
            assertThat(one.isOpen() && other.isOpen()).isTrue();
        }
    }

    @Test
    void aDiskThatIsFullIsTold() {
        assertThatThrownBy(() -> open("/dev/full", ""))
                .isInstanceOf(DeviceException.class)
                .hasMessage("pcap:/dev/full?buffer=1 cannot be opened: write 24 bytes: no space left (ENOSPC)");
    }

    @Test
    void whatCannotBeWrittenIsExplained() {
        assertThatThrownBy(() -> NetDevice.open("pcap:" + folder.resolve("none/x") + "?write=yes"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("no such file or directory (ENOENT)");
        assertThatThrownBy(() -> NetDevice.open("pcap:x?write=yes&loop=2"))
                .hasMessage("pcap:x: loop is for a file that is read, without write=yes");
        assertThatThrownBy(() -> open("x", "&rotate-size=1t"))
                .hasMessage("rotate-size=1t: a whole number with its unit is needed, like 100m");
        assertThatThrownBy(() -> NetDevice.open("pcap:?write=yes"))
                .hasMessage("pcap:?write=yes names no file: one is needed, like pcap:in.pcap");
    }
}
