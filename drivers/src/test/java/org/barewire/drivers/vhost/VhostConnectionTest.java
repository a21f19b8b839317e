package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.UnixSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VhostConnectionTest {
    private final List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.STREAM);
    private final UnixSocket raw = pair.getFirst();
    private final VhostConnection connection = new VhostConnection(pair.getLast());

    @AfterEach
    void close() {
        raw.close();
        connection.close();
    }

    @Test
    void aMessageIsLaidOutAsSpecified() {
        connection.send(VhostMessage.ofRing(VhostRequest.SET_VRING_NUM, 1, 256));
        byte[] bytes = new byte[100];
        int n = raw.receive(bytes, 0, 100, new java.util.ArrayList<>());
        assertThat(HexFormat.of().formatHex(bytes, 0, n))
                .isEqualTo("08000000" + "01000000" + "08000000" + "01000000" + "00010000");
    }

    @Test
    void aMessageInPiecesIsPutTogether() {
        int file = Mman.memfd("sent", 0);
        byte[] bytes = HexFormat.of().parseHex("0c00000001000000080000000300000000000000");
        for (int i = 0; i < bytes.length; i++) {
            assertThat(connection.receive()).isNull();
            raw.send(bytes, i, 1, i == 0 ? new int[] {file} : new int[0]);
        }
        Fd.close(file);
        VhostMessage message = Objects.requireNonNull(connection.receive());
        assertThat(message.request()).isEqualTo(VhostRequest.SET_VRING_KICK);
        assertThat(message.getLong(0)).isEqualTo(3);
        assertThat(message.fds()).isEqualTo(1);
        Fd.close(message.takeFd());
        assertThat(connection.receive()).isNull();
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void twoMessagesAtOnceAreToldApart() {
        byte[] bytes = HexFormat.of().parseHex("010000000100000000000000" + "030000000100000000000000");
        raw.send(bytes, 0, bytes.length);
        assertThat(connection.await(1000).request()).isEqualTo(VhostRequest.GET_FEATURES);
        assertThat(connection.await(1000).request()).isEqualTo(VhostRequest.SET_OWNER);
    }

    @Test
    void anOversizedMessageEndsTheConnection() {
        byte[] bytes = HexFormat.of().parseHex("010000000100000001040000");
        raw.send(bytes, 0, bytes.length);
        assertThat(connection.receive()).isNull();
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aNegativeSizeEndsTheConnection() {
        byte[] bytes = HexFormat.of().parseHex("0100000001000000ffffffff");
        raw.send(bytes, 0, bytes.length);
        assertThat(connection.receive()).isNull();
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void anotherVersionEndsTheConnection() {
        byte[] bytes = HexFormat.of().parseHex("010000000200000000000000");
        raw.send(bytes, 0, bytes.length);
        assertThat(connection.receive()).isNull();
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void aPeerThatIsGoneIsNoticed() {
        raw.close();
        assertThat(connection.receive()).isNull();
        assertThat(connection.isOpen()).isFalse();
        assertThatThrownBy(() -> connection.await(1000))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> connection.send(VhostMessage.of(1))).isInstanceOf(DeviceException.class);
    }

    @Test
    void aPeerThatDoesNotAnswerIsNotWaitedForLong() {
        assertThatThrownBy(() -> connection.await(10))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("does not answer");
    }

    @Test
    void descriptorsWithEveryByteEndTheConnection() {
        int file = Mman.memfd("sent", 0);
        byte[] bytes = HexFormat.of().parseHex("0c00000001000000080000000300000000000000");
        for (int i = 0; i < bytes.length; i++) {
            raw.send(bytes, i, 1, file);
        }
        assertThat(connection.receive()).isNull();
        assertThat(connection.isOpen()).isFalse();
        Fd.close(file);
    }

    @Test
    void descriptorsOfATruncatedMessageAreClosed() throws IOException {
        int file = Mman.memfd("sent", 0);
        long before = openFiles();
        byte[] bytes = HexFormat.of().parseHex("0c000000010000000800000003");
        raw.send(bytes, 0, bytes.length, file, file);
        assertThat(connection.receive()).isNull();
        assertThat(openFiles()).isEqualTo(before + 2);
        connection.close();
        assertThat(openFiles()).isEqualTo(before - 1); // without the socket
        Fd.close(file);
    }

    private static long openFiles() throws IOException {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
