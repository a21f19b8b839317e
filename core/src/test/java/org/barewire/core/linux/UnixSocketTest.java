package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("try") // closing early is what some tests are about
class UnixSocketTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(UnixSocket.Type.class)
    void bytesGoBothWaysOverAPath(UnixSocket.Type type) {
        exchange(type, folder.resolve("s").toString());
    }

    @ParameterizedTest
    @EnumSource(UnixSocket.Type.class)
    void bytesGoBothWaysOverAnAbstractName(UnixSocket.Type type) {
        exchange(type, "@barewire-test-" + ProcessHandle.current().pid());
    }

    private static void exchange(UnixSocket.Type type, String name) {
        try (UnixSocket listener = UnixSocket.listen(type, name)) {
            assertThat(listener.accept()).isNull();
            try (UnixSocket client = UnixSocket.connect(type, name);
                    UnixSocket server = Objects.requireNonNull(listener.accept())) {
                assertThat(receive(server)).isEqualTo("nothing yet");
                assertThat(client.send(HELLO, 0, 5)).isEqualTo(5);
                assertThat(receive(server)).isEqualTo("hello");
                assertThat(server.send(HELLO, 1, 3)).isEqualTo(3);
                assertThat(receive(client)).isEqualTo("ell");
                client.close();
                assertThat(receive(server)).isEqualTo("closed");
                assertThat(server.send(HELLO, 0, 5)).isEqualTo(UnixSocket.CLOSED);
            }
        }
    }

    @Test
    void datagramsKeepTheirBoundsAndComeFromThePeerOnly() {
        String here = folder.resolve("here").toString();
        String there = folder.resolve("there").toString();
        try (UnixSocket one = UnixSocket.bind(here);
                UnixSocket stranger = UnixSocket.bind(folder.resolve("stranger").toString())) {
            assertThatThrownBy(() -> one.setPeer(there)).hasMessageContaining(there);
            try (UnixSocket other = UnixSocket.bind(there)) {
                one.setPeer(there);
                other.setPeer(here);
                assertThatThrownBy(() -> stranger.setPeer(here)).isInstanceOf(LinuxException.class);
                assertThat(other.send(HELLO, 0, 5)).isEqualTo(5);
                assertThat(other.send(HELLO, 1, 3)).isEqualTo(3);
                assertThat(receive(one)).isEqualTo("hello");
                assertThat(receive(one)).isEqualTo("ell");
                assertThat(receive(one)).isEqualTo("nothing yet");
            }
            assertThat(one.send(HELLO, 0, 5)).isEqualTo(UnixSocket.CLOSED);
            assertThat(Path.of(there)).doesNotExist();
        }
    }

    @Test
    void aFileArrivesWithTheBytes() {
        List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        int file = Mman.memfd("sent", 0);
        try (UnixSocket from = pair.getFirst();
                UnixSocket to = pair.getLast();
                Arena arena = Arena.ofConfined()) {
            Fd.write(file, arena.allocateFrom("in memory"), 0);
            from.send(HELLO, 0, 5, file, file);
            List<Integer> fds = new ArrayList<>();
            assertThat(to.receive(new byte[9], 0, 9, fds)).isEqualTo(5);
            assertThat(fds).hasSize(2).doesNotContain(file);
            MemorySegment content = arena.allocate(10);
            Fd.read(fds.getLast(), content, 0);
            assertThat(content.getString(0)).isEqualTo("in memory");
            fds.forEach(Fd::close);
        } finally {
            Fd.close(file);
        }
    }

    @Test
    void moreFilesThanThereCanBeAreAllClosed() throws IOException {
        List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        int[] files = IntStream.range(0, 8).map(i -> Mman.memfd("sent", 0)).toArray();
        try (UnixSocket from = pair.getFirst();
                UnixSocket to = pair.getLast()) {
            from.send(HELLO, 0, 5, files);
            List<Integer> fds = new ArrayList<>();
            assertThat(to.receive(new byte[5], 0, 5, fds)).isEqualTo(5);
            assertThat(fds).hasSize(8);
            fds.forEach(Fd::close);
            assertThatThrownBy(() -> from.send(HELLO, 0, 5, new int[9])).isInstanceOf(IllegalArgumentException.class);

            long open = openFiles();
            int[] nine = IntStream.generate(() -> files[0]).limit(9).toArray();
            assertThat(UnixMessage.send(from, HELLO, 0, 5, nine)).isEqualTo(5);
            List<Integer> none = new ArrayList<>();
            assertThatThrownBy(() -> to.receive(new byte[5], 0, 5, none))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("more descriptors than there can be");
            assertThat(none).isEmpty();
            assertThat(openFiles()).isEqualTo(open);
        } finally {
            IntStream.of(files).forEach(Fd::close);
        }
    }

    @Test
    void aMessageThatIsTooLongIsRefusedWithItsFiles() throws IOException {
        List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        int file = Mman.memfd("sent", 0);
        try (UnixSocket from = pair.getFirst();
                UnixSocket to = pair.getLast()) {
            from.send(HELLO, 0, 5, file);
            long open = openFiles();
            assertThatThrownBy(() -> to.receive(new byte[4], 0, 4, new ArrayList<>()))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("longer message");
            assertThat(openFiles()).isEqualTo(open);
        } finally {
            Fd.close(file);
        }
    }

    @Test
    void anEmptyMessageLeavesNoFileBehind() throws IOException {
        List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.SEQPACKET);
        int file = Mman.memfd("sent", 0);
        try (UnixSocket from = pair.getFirst();
                UnixSocket to = pair.getLast()) {
            long open = openFiles();
            from.send(HELLO, 0, 0, file);
            assertThat(to.receive(new byte[4], 0, 4, new ArrayList<>())).isEqualTo(UnixSocket.CLOSED);
            assertThat(openFiles()).isEqualTo(open);
        } finally {
            Fd.close(file);
        }
    }

    @Test
    void theFileOfADeadListenerIsReplaced() throws IOException {
        String name = folder.resolve("stale").toString();
        leaveStale(Path.of(name));
        assertThat(Path.of(name)).exists();
        try (UnixSocket listener = UnixSocket.listen(UnixSocket.Type.STREAM, name);
                UnixSocket client = UnixSocket.connect(UnixSocket.Type.STREAM, name)) {
            assertThat(client.send(HELLO, 0, 5)).isEqualTo(5);
            assertThat(listener.name()).isEqualTo(name);
        }
        assertThat(Path.of(name)).doesNotExist();
    }

    @Test
    void aLiveListenerIsLeftAlone() {
        String name = folder.resolve("live").toString();
        try (UnixSocket first = UnixSocket.listen(UnixSocket.Type.STREAM, name)) {
            assertThatThrownBy(() ->
                            UnixSocket.listen(UnixSocket.Type.STREAM, name).close())
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("Another process listens there");
            assertThat(Path.of(name)).exists();
            UnixSocket.connect(UnixSocket.Type.STREAM, name).close();
            assertThat(first.accept()).isNotNull().satisfies(UnixSocket::close);
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Path precious = Files.writeString(folder.resolve("precious"), "data");
        assertThatThrownBy(() -> UnixSocket.listen(UnixSocket.Type.STREAM, precious.toString())
                        .close())
                .isInstanceOf(LinuxException.class);
        assertThat(precious).hasContent("data");
    }

    @Test
    void closingLeavesTheFileOfASuccessor() throws IOException {
        Path name = folder.resolve("moved");
        try (UnixSocket first = UnixSocket.listen(UnixSocket.Type.STREAM, name.toString())) {
            Files.delete(name);
            try (UnixSocket second = UnixSocket.listen(UnixSocket.Type.STREAM, name.toString())) {
                first.close();
                assertThat(name).exists();
                UnixSocket.connect(UnixSocket.Type.STREAM, second.name()).close();
            }
        }
    }

    @Test
    void nobodyListeningIsToldApart() throws IOException {
        String name = folder.resolve("nobody").toString();
        assertThatThrownBy(
                        () -> UnixSocket.connect(UnixSocket.Type.STREAM, name).close())
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
        leaveStale(Path.of(name));
        assertThatThrownBy(
                        () -> UnixSocket.connect(UnixSocket.Type.STREAM, name).close())
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ECONNREFUSED));
    }

    @Test
    void aNameThatDoesNotFitIsRefused() {
        for (String name : List.of("", "/" + "x".repeat(107), "@" + "x".repeat(108))) {
            assertThatThrownBy(() ->
                            UnixSocket.connect(UnixSocket.Type.STREAM, name).close())
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("shorter path");
        }
    }

    @Test
    void aFullSocketWouldBlock() {
        List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        try (UnixSocket from = pair.getFirst();
                UnixSocket to = pair.getLast()) {
            byte[] much = new byte[1 << 16];
            int sent = 0;
            int n;
            while ((n = from.send(much, 0, much.length)) > 0) {
                sent += n;
            }
            assertThat(n).isEqualTo(UnixSocket.WOULD_BLOCK);
            assertThat(sent).isPositive();
            assertThat(to.receive(much, 0, much.length, new ArrayList<>())).isPositive();
        }
    }

    private static void leaveStale(Path name) throws IOException {
        try (var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(name));
        }
    }

    private static String receive(UnixSocket socket) {
        byte[] bytes = new byte[100];
        int n = socket.receive(bytes, 0, bytes.length, new ArrayList<>());
        return switch (n) {
            case UnixSocket.WOULD_BLOCK -> "nothing yet";
            case UnixSocket.CLOSED -> "closed";
            default -> new String(bytes, 0, n, StandardCharsets.UTF_8);
        };
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
