package org.barewire.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Lines of text to QEMU and back, over a local socket that QEMU connects to when it starts.
final class Channel implements AutoCloseable {
    private final String name;
    private final Path path;
    private final ServerSocketChannel listener;
    private @Nullable SocketChannel connection;

    /// @param folder where the socket is
    Channel(Path folder, String name) throws IOException {
        this.name = name;
        this.path = folder.resolve(name);
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
    }

    String name() {
        return name;
    }

    /// The `-chardev` of QEMU, called as this is.
    String chardev() {
        return "socket,id=%s,path=%s,server=off".formatted(name, path);
    }

    /// Waits for QEMU, and returns what comes from there.
    BufferedReader accept() throws IOException {
        SocketChannel accepted = listener.accept();
        connection = accepted;
        return new BufferedReader(Channels.newReader(accepted, StandardCharsets.UTF_8));
    }

    void send(String line) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        try {
            while (connection != null && bytes.hasRemaining()) {
                connection.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("QEMU has ended", e);
        }
    }

    /// Makes a waiting {@link #accept} end.
    @Override
    public void close() {
        try {
            listener.close();
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
