package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.barewire.drivers.pcap.CaptureFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Capture files that commands read and write.
@Timeout(60)
class DumpFilesTest {
    private static final int HEADER = 24;
    private static final int RECORD = 16 + 60;
    private static final int PACKETS = 10;

    @TempDir
    private Path folder;

    private Path capture;
    private byte[] content;

    @BeforeEach
    void write() throws IOException {
        capture = folder.resolve("in.pcap");
        Run run = Run.of("dump", "sim:a?send=100kpps", "--count", "" + PACKETS, "-w", capture.toString());
        assertThat(run.status()).as(run.err()).isZero();
        content = Files.readAllBytes(capture);
        assertThat(content).hasSize(HEADER + PACKETS * RECORD);
    }

    private String replayed() {
        return "pcap:" + capture + "?speed=max";
    }

    @Test
    void whatIsReadIsNotOverwrittenByWhateverName() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("symbolic"), capture);
        Path hard = Files.createLink(folder.resolve("hard"), capture);
        for (String name : new String[] {capture.toString(), folder + "/./in.pcap", link.toString(), hard.toString()}) {
            Run dump = Run.of("dump", replayed(), "-w", name);
            assertThat(dump.status()).isEqualTo(Main.FAILED);
            assertThat(dump.err())
                    .isEqualTo("barewire dump: %s is being read by this process or another; write to another file%n"
                            .formatted(name));
            Run fwd = Run.of("fwd", replayed(), "pcap:" + name + "?write=yes");
            assertThat(fwd.status()).isEqualTo(2);
            assertThat(fwd.err()).contains(capture + " and " + name + " are one file; write to another one");
            assertThat(Run.of("fwd", "pcap:" + name + "?write=yes", replayed()).status())
                    .isEqualTo(2);
        }
        assertThat(capture).hasBinaryContent(content);
    }

    @Test
    void aFileThatIsWrittenIsNotWrittenByADump() throws IOException {
        Path file = folder.resolve("out.pcap");
        try (CaptureFile other = CaptureFile.create(file.toString())) {
            Files.writeString(file, "precious");
            Run run = Run.of("dump", replayed(), "-w", file.toString());
            assertThat(run.status()).isEqualTo(Main.FAILED);
            assertThat(run.err()).contains(file + " is being written by this process or another");
            assertThat(other.isOpen()).isTrue();
        }
        assertThat(file).hasContent("precious");
        assertThat(Run.of("dump", replayed(), "-w", file.toString()).status()).isZero();
        assertThat(file).hasSize(content.length);
    }

    @Test
    void aFileThatIsCutOffIsReadAndTold() throws IOException {
        Files.write(capture, Arrays.copyOf(content, content.length - 1));
        String sentence = "%s: the file is cut off at byte %d of %d"
                .formatted(replayed(), HEADER + 9 * RECORD, content.length - 1);
        Run dump = Run.of("dump", replayed(), "--json");
        assertThat(dump.status()).isEqualTo(Main.FAILED);
        assertThat(dump.number("written")).isEqualTo(9);
        assertThat(dump.number("missed")).isZero();
        assertThat(dump.err()).contains(sentence);
        Path out = folder.resolve("out.pcap");
        Run fwd = Run.of("fwd", replayed(), "pcap:" + out + "?write=yes", "--json");
        assertThat(fwd.status()).isEqualTo(Main.FAILED);
        assertThat(fwd.number("tx_packets")).isEqualTo(9);
        assertThat(fwd.number("dropped")).isZero();
        assertThat(fwd.err()).contains(sentence);
        assertThat(out).hasSize(HEADER + 9 * RECORD);
    }

    @Test
    void aFileThatIsDamagedIsReadUpToThereAndTold() throws IOException {
        byte[] damaged = content.clone();
        damaged[HEADER + 2 * RECORD + 11] = (byte) 0xFF; // the third record's length
        Files.write(capture, damaged);
        Run run = Run.of("dump", replayed(), "--json");
        assertThat(run.status()).isEqualTo(Main.FAILED);
        assertThat(run.number("written")).isEqualTo(2);
        assertThat(run.err()).contains("the file is damaged at byte " + (HEADER + 2 * RECORD));
    }

    @Test
    void whatIsWantedOfADamagedFileMayComeBeforeTheDamage() throws IOException {
        Files.write(capture, Arrays.copyOf(content, content.length - 1));
        Run run = Run.of("dump", replayed(), "--count", "5");
        assertThat(run.status()).as(run.err()).isZero();
    }

    @Test
    void aDirectoryIsNoCapture() {
        Run run = Run.of("dump", "pcap:" + folder);
        assertThat(run.status()).isEqualTo(Main.FAILED);
        assertThat(run.err()).contains(folder + " is a directory").doesNotContain("write=yes");
    }

    @Test
    void aDiskThatIsFullIsNamedAndWhatIsOnItCounted() {
        Run run = Run.of("dump", replayed(), "-w", "/dev/full");
        assertThat(run.status()).isEqualTo(Main.FAILED);
        assertThat(run.err())
                .contains("/dev/full is not complete: write ")
                .contains("no space left (ENOSPC); of 10 packets 0 at least are in it. Make room");
    }
}
