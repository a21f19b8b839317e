package org.barewire.drivers.pcap;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.OptionReader;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
    private static final DeviceConfig CONFIG =
            DeviceConfig.standard().withDescriptors(64, 64).withPoolSize(128);
    private static final byte[] FIRST = frame(60, 1);
    private static final byte[] SECOND = frame(1514, 2);
    private static final byte[] THIRD = frame(61, 3);

    @TempDir
    private Path folder;

    private final AtomicLong now = new AtomicLong(1000);

    static Stream<ByteOrder> orders() {
        return Stream.of(LITTLE_ENDIAN, BIG_ENDIAN);
    }

    private static byte[] frame(int length, int fill) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, (byte) fill);
        return frame;
    }

    private static CaptureBytes pcap(ByteOrder order) {
        return CaptureBytes.pcap(order, CaptureBytes.MICROSECONDS, 1)
                .record(10, 0, FIRST, 60)
                .record(10, 500_000, SECOND, 1514)
                .record(12, 0, THIRD, 61);
    }

    private static CaptureBytes pcapng(ByteOrder order) {
        return CaptureBytes.pcapng(order)
                .describe(1, 0)
                .unknown()
                .enhanced(0, 5_000_000, FIRST, 60)
                .describe(1, 0)
                .enhanced(1, 5_500_000, SECOND, 1514)
                .obsolete(1, 6_000_000, THIRD);
    }

    private ReplayPort open(byte[] file, String options) throws IOException {
        String path = Files.write(folder.resolve("file"), file).toString();
        DeviceName name = DeviceName.parse("pcap:" + path + "?" + options);
        ReplayOptions parsed = ReplayOptions.parse(new OptionReader(name.options()));
        return ReplayPort.open(name.toString(), path, parsed, CONFIG, now::get);
    }

    private static List<byte[]> drain(RxQueue rx, int most) {
        long[] packets = new long[7];
        List<byte[]> frames = new ArrayList<>();
        int n;
        while (frames.size() < most && (n = rx.receive(packets)) > 0) {
            for (int i = 0; i < n; i++) {
                frames.add(bytes(packets[i]));
                Packet.release(packets[i]);
            }
        }
        return frames;
    }

    private static byte[] bytes(long packet) {
        int length = Packet.next(packet) == 0 ? Packet.length(packet) : Metadata.totalLength(packet);
        byte[] bytes = new byte[length];
        int copied = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            Packet.read(segment, 0, bytes, copied, Packet.length(segment));
            copied += Packet.length(segment);
        }
        assertThat(copied).isEqualTo(length);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("orders")
    void framesOfAPcapFileArrive(ByteOrder order) throws IOException {
        try (ReplayPort port = open(pcap(order).bytes(), "speed=max")) {
            assertThat(port.link().up()).isTrue();
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST, SECOND, THIRD);
            assertThat(port.link().toString()).isEqualTo("down: every frame has been read");
            assertThat(port.statistics().rxBytes()).isEqualTo(60 + 1514 + 61);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void framesOfAPcapngFileArriveFromAllInterfaces(ByteOrder order) throws IOException {
        ByteOrder other = order == BIG_ENDIAN ? LITTLE_ENDIAN : BIG_ENDIAN;
        byte[] one = pcapng(order).bytes();
        byte[] two = pcapng(other).simple(THIRD, 61).bytes();
        byte[] both = Arrays.copyOf(one, one.length + two.length);
        System.arraycopy(two, 0, both, one.length, two.length);
        try (ReplayPort port = open(both, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST, SECOND, THIRD, FIRST, SECOND, THIRD, THIRD);
            assertThat(port.link().reason()).isEqualTo("every frame has been read");
        }
    }

    @Test
    void framesComeAtTheirPace() throws IOException {
        try (ReplayPort port = open(pcap(LITTLE_ENDIAN).bytes(), "speed=2")) {
            RxQueue rx = port.rx(0);
            assertThat(drain(rx, 99)).containsExactly(FIRST);
            now.addAndGet(249_999_999);
            assertThat(drain(rx, 99)).isEmpty();
            now.addAndGet(1);
            assertThat(drain(rx, 99)).containsExactly(SECOND);
            now.addAndGet(750_000_000);
            assertThat(drain(rx, 99)).containsExactly(THIRD);
        }
    }

    @Test
    void nanosecondsAreTold() throws IOException {
        byte[] file = CaptureBytes.pcap(BIG_ENDIAN, CaptureBytes.NANOSECONDS, 1)
                .record(1, 999_999_999, FIRST, 60)
                .record(2, 1, SECOND, 1514)
                .bytes();
        try (ReplayPort port = open(file, "speed=1")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST);
            now.addAndGet(1);
            assertThat(drain(port.rx(0), 99)).isEmpty();
            now.addAndGet(1);
            assertThat(drain(port.rx(0), 99)).containsExactly(SECOND);
        }
    }

    @Test
    void aRoundFollowsTheOneBefore() throws IOException {
        try (ReplayPort port = open(pcap(LITTLE_ENDIAN).bytes(), "loop=3&speed=1000")) {
            now.addAndGet(1);
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST);
            now.addAndGet(2_000_000);
            assertThat(drain(port.rx(0), 99)).containsExactly(SECOND, THIRD, FIRST);
            now.addAndGet(4_000_000);
            assertThat(drain(port.rx(0), 99)).containsExactly(SECOND, THIRD, FIRST, SECOND, THIRD);
            assertThat(port.link().up()).isFalse();
            assertThat(port.statistics().details()).containsEntry("rounds", 3L);
        }
    }

    @Test
    void aFileCanBeReadForEver() throws IOException {
        try (ReplayPort port = open(pcapng(LITTLE_ENDIAN).bytes(), "loop=forever&speed=max")) {
            assertThat(drain(port.rx(0), 1000)).hasSizeGreaterThanOrEqualTo(1000);
            assertThat(port.link().up()).isTrue();
        }
    }

    @Test
    void aFileWithoutFramesEndsAlsoWhenReadForEver() throws IOException {
        byte[] file = CaptureBytes.pcap(LITTLE_ENDIAN, CaptureBytes.NANOSECONDS, 1)
                .record(1, 1, new byte[0], 60)
                .bytes();
        try (ReplayPort port = open(file, "loop=forever&speed=max")) {
            assertThat(drain(port.rx(0), 99)).isEmpty();
            assertThat(port.link().up()).isFalse();
            assertThat(port.statistics().details()).containsEntry("empty", 1L);
        }
    }

    @Test
    void aFrameLongerThanABufferHasSegments() throws IOException {
        byte[] jumbo = frame(60_000, 9);
        byte[] file = CaptureBytes.pcap(LITTLE_ENDIAN, CaptureBytes.NANOSECONDS, 1)
                .record(1, 1, jumbo, 60_000)
                .record(1, 1, FIRST, 60)
                .bytes();
        try (ReplayPort port = open(file, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(jumbo, FIRST);
        }
    }

    @Test
    void aFrameThatNoPoolHoldsIsCounted() throws IOException {
        byte[] file = CaptureBytes.pcap(LITTLE_ENDIAN, CaptureBytes.NANOSECONDS, 1)
                .record(1, 1, new byte[262_144], 262_144)
                .record(1, 1, FIRST, 60)
                .bytes();
        try (ReplayPort port = open(file, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST);
            assertThat(port.statistics().details()).containsEntry("too_long_for_the_pool", 1L);
        }
    }

    @Test
    void aFrameWaitsForABuffer() throws IOException {
        try (ReplayPort port = open(pcap(LITTLE_ENDIAN).bytes(), "speed=max")) {
            RxQueue rx = port.rx(0);
            long[] all = new long[CONFIG.poolSize()];
            int taken = rx.pool().allocate(all, 0, all.length);
            assertThat(drain(rx, 99)).isEmpty();
            PacketPool.release(all, 0, taken);
            assertThat(drain(rx, 99)).containsExactly(FIRST, SECOND, THIRD);
        }
    }

    @Test
    void theCheckSequenceIsNotPartOfTheFrame() throws IOException {
        byte[] file = CaptureBytes.pcap(LITTLE_ENDIAN, CaptureBytes.NANOSECONDS, 0x2400_0001)
                .record(1, 1, frame(64, 1), 64)
                .record(1, 1, frame(62, 1), 64)
                .bytes();
        byte[] other = CaptureBytes.pcapng(LITTLE_ENDIAN)
                .describe(1, 0, new byte[] {13, 0, 1, 0, 4, 0, 0, 0})
                .enhanced(0, 1, frame(64, 1), 64)
                .bytes();
        try (ReplayPort port = open(file, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST, FIRST);
            assertThat(port.statistics().details()).containsEntry("cut_when_captured", 1L);
        }
        try (ReplayPort port = open(other, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST);
        }
    }

    @Test
    void aSimplePacketIsAsLongAsTheSnapLengthAllows() throws IOException {
        byte[] file = CaptureBytes.pcapng(BIG_ENDIAN)
                .describe(1, 60)
                .simple(FIRST, 9000)
                .bytes();
        try (ReplayPort port = open(file, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST);
        }
    }

    @Test
    void framesThatAreNotEthernetAreRefused() {
        byte[] file = CaptureBytes.pcap(LITTLE_ENDIAN, CaptureBytes.NANOSECONDS, 113)
                .record(1, 1, FIRST, 60)
                .bytes();
        assertThatThrownBy(() -> open(file, "speed=max"))
                .isInstanceOf(DeviceException.class)
                .hasMessageEndingWith("holds frames of link type 113, and only Ethernet, 1, can be replayed");
        byte[] other = CaptureBytes.pcapng(LITTLE_ENDIAN)
                .describe(1, 0)
                .describe(113, 0)
                .enhanced(0, 1, FIRST, 60)
                .bytes();
        assertThatThrownBy(() -> open(other, "speed=max")).hasMessageContaining("link type 113");
    }

    @Test
    void framesOfAnotherLinkTypeFurtherOnArePassedOver() throws IOException {
        byte[] file = pcapng(LITTLE_ENDIAN)
                .describe(113, 0)
                .enhanced(2, 1, SECOND, 1514)
                .enhanced(0, 1, FIRST, 60)
                .bytes();
        try (ReplayPort port = open(file, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST, SECOND, THIRD, FIRST);
            assertThat(port.statistics().details()).containsEntry("not_ethernet", 1L);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("orders")
    void whereverAFileIsCutOffWhatIsWholeArrives(ByteOrder order) throws IOException {
        List<byte[]> all = List.of(FIRST, SECOND, THIRD);
        for (byte[] file : List.of(pcap(order).bytes(), pcapng(order).bytes())) {
            int opened = 0;
            for (int length = 1; length < file.length; length++) {
                try (ReplayPort port = open(Arrays.copyOf(file, length), "speed=max")) {
                    List<byte[]> frames = drain(port.rx(0), 99);
                    assertThat(frames).containsExactlyElementsOf(all.subList(0, frames.size()));
                    boolean whole = port.link().reason().equals("every frame has been read");
                    assertThat(port.statistics().details()).containsEntry("ends_truncated", whole ? 0L : 1L);
                    opened++;
                } catch (DeviceException e) {
                    assertThat(e)
                            .hasMessageMatching(
                                    length < 4 ? ".*neither a pcap.*" : ".*: the file is cut off at byte .*");
                }
            }
            assertThat(opened)
                    .as("files that are cut off behind their first frame")
                    .isGreaterThan(1600);
        }
    }

    @Test
    void damageEndsAFileAndSaysWhere() throws IOException {
        byte[] file = pcap(LITTLE_ENDIAN).bytes();
        int third = 24 + 16 + 60 + 16 + 1514;
        file[third + 10] = (byte) 0xFF;
        try (ReplayPort port = open(file, "speed=max")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST, SECOND);
            assertThat(port.link().reason()).isEqualTo("the file is damaged at byte 1630 of " + file.length);
            assertThat(port.statistics().details()).containsEntry("ends_damaged", 1L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcap", "pcapng"})
    void aFileThatIsShortenedMeanwhileEndsWithAReason(String format) throws IOException {
        CaptureBytes bytes = format.equals("pcap")
                ? CaptureBytes.pcap(LITTLE_ENDIAN, CaptureBytes.NANOSECONDS, 1)
                : CaptureBytes.pcapng(LITTLE_ENDIAN).describe(1, 0);
        for (int i = 0; i < 600; i++) {
            if (format.equals("pcap")) {
                bytes.record(1, i, SECOND, 1514);
            } else {
                bytes.enhanced(0, i, SECOND, 1514);
            }
        }
        try (ReplayPort port = open(bytes.bytes(), "speed=max")) {
            List<byte[]> frames = new ArrayList<>(drain(port.rx(0), 100));
            try (FileChannel file = FileChannel.open(folder.resolve("file"), StandardOpenOption.WRITE)) {
                file.truncate(600_000);
            }
            frames.addAll(drain(port.rx(0), 9999));
            assertThat(frames).hasSizeBetween(380, 395).allMatch(frame -> Arrays.equals(frame, SECOND));
            assertThat(port.link().reason())
                    .startsWith("the file has been shortened")
                    .contains(" of 9");
            assertThat(port.statistics().details()).containsEntry("ends_truncated", 1L);
            assertThat(port.statistics().rxPackets()).isEqualTo(frames.size());
        }
    }

    @Test
    void aBlockLongerThanWhatIsReadAtOnceIsPassedOver() throws IOException {
        byte[] file = CaptureBytes.pcapng(LITTLE_ENDIAN)
                .describe(1, 0)
                .enhanced(0, 1, FIRST, 60)
                .unknown(FileWindow.SPACE + 4)
                .enhanced(0, 2, SECOND, 1514)
                .bytes();
        try (ReplayPort port = open(file, "speed=max&loop=2")) {
            assertThat(drain(port.rx(0), 99)).containsExactly(FIRST, SECOND, FIRST, SECOND);
            assertThat(port.link().reason()).isEqualTo("every frame has been read");
        }
    }

    @Tag("slow")
    @Test
    void noDamageLeadsAstray() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < 2000; round++) {
            ByteOrder order = random.nextBoolean() ? LITTLE_ENDIAN : BIG_ENDIAN;
            byte[] file = (random.nextBoolean() ? pcap(order) : pcapng(order)).bytes();
            for (int i = random.nextInt(4); i >= 0; i--) {
                file[random.nextInt(file.length)] = (byte) random.nextInt();
            }
            for (int i = 0; i < 4; i++) { // headers are where it hurts
                file[random.nextInt(120)] ^= (byte) (1 << random.nextInt(8) & (random.nextInt(3) == 0 ? 0xFF : 0));
            }
            try (ReplayPort port = open(file, "speed=max")) {
                drain(port.rx(0), 99);
                assertThat(port.link().up()).isFalse();
                assertThat(port.rx(0).pool().available()).isEqualTo(CONFIG.poolSize());
            } catch (DeviceException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void theUnitOfTimeIsTheInterfaces() {
        CapturedInterface captured = new CapturedInterface();
        captured.begin(1, 0);
        assertThat(captured.nanos(1_500_000)).as("microseconds").isEqualTo(1_500_000_000);
        captured.setResolution((byte) 9);
        assertThat(captured.nanos(1_500_000)).isEqualTo(1_500_000);
        captured.setResolution((byte) 12);
        assertThat(captured.nanos(1_500_000)).isEqualTo(1_500);
        captured.setResolution((byte) (0x80 | 10));
        assertThat(captured.nanos(1536)).isEqualTo(1_500_000_000);
        captured.setResolution((byte) (0x80 | 50));
        assertThat(captured.nanos(3L << 49)).isEqualTo(1_500_000_000);
        captured.setOffset(2);
        assertThat(captured.nanos(3L << 49)).isEqualTo(3_500_000_000L);
        captured.setResolution((byte) 0xFF);
        assertThat(captured.nanos(-1)).isEqualTo(2_000_000_000);
    }

    @Test
    void whatIsNoCaptureIsExplained() throws IOException {
        assertThatThrownBy(() -> open("hello, world".getBytes(java.nio.charset.StandardCharsets.UTF_8), "speed=1"))
                .hasMessageEndingWith("is neither a pcap nor a pcapng file");
        assertThatThrownBy(() -> open(new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0}, "speed=1"))
                .hasMessageEndingWith("but compressed: unpack it with gunzip first");
        assertThatThrownBy(() -> open(new byte[0], "speed=1"))
                .hasMessageEndingWith("is empty: a capture has at least a header of 24 bytes");
        assertThatThrownBy(() -> NetDevice.open("pcap:" + folder.resolve("none")))
                .hasMessageEndingWith("no such file or directory (ENOENT). To write a new file, add ?write=yes");
        assertThatThrownBy(() -> NetDevice.open("pcap:" + folder.resolve("file/below")))
                .as("it is there: to write it is no cure")
                .hasMessageContaining("ENOTDIR")
                .hasMessageNotContaining("write=yes");
        assertThatThrownBy(() -> NetDevice.open("pcap:" + folder)).hasMessageContaining("%s is a directory", folder);
        assertThatThrownBy(() -> open(pcap(LITTLE_ENDIAN).bytes(), "speed=fast"))
                .hasMessage("speed=fast: a factor is needed, like 1 or 0.5 or 100, or max for as fast as it goes");
        assertThatThrownBy(() -> NetDevice.open("pcap:x?snaplen=60"))
                .hasMessage("pcap:x: snaplen is for a file that is written, with write=yes");
    }
}
