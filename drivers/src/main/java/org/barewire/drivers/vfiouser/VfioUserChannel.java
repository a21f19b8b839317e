package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.jspecify.annotations.Nullable;

/// Sends and receives the messages of vfio-user over a connected socket, for either side.
///
/// The other end is not trusted: what is no message ends the connection. One thread at a time.
public final class VfioUserChannel implements AutoCloseable {
    private static final int SEND_PATIENCE = 5000; // milliseconds

    private final UnixSocket socket;
    private final byte[] headerBytes = new byte[VfioUserMessage.HEADER];
    private final ByteBuffer header = ByteBuffer.wrap(headerBytes).order(ByteOrder.LITTLE_ENDIAN);
    private final List<Integer> fds = new ArrayList<>();
    private byte @Nullable [] payload; // of the message whose header is complete
    private int received; // bytes of the header, or of the payload
    private String ending = "";

    /// @param socket a connected stream socket, which is this object's from now on
    public VfioUserChannel(UnixSocket socket) {
        this.socket = socket;
    }

    /// The descriptor to wait for, with {@link Poll}.
    public int fd() {
        return socket.fd();
    }

    /// False when the other end has closed the connection, or has sent what is no message.
    public boolean isOpen() {
        return ending.isEmpty();
    }

    /// Why it is not open any more, as the end of a sentence about the other side, as in `has closed the
    /// connection`.
    public String ending() {
        return ending;
    }

    /// Nothing is sent or received any more.
    public void end(String why) {
        if (isOpen()) {
            ending = why;
        }
    }

    /// Sends a message with its descriptors; waits while the other end has no room for it, for 5 seconds at most.
    /// Says whether it went out; if not, the channel has {@linkplain #ending ended}.
    public boolean send(VfioUserMessage message) {
        byte[] bytes = new byte[VfioUserMessage.HEADER + message.size()];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putShort((short) message.id()).putShort((short) message.command());
        buffer.putInt(bytes.length).putInt(message.flags()).putInt(message.error());
        buffer.put(message.payload().duplicate().rewind());
        int[] along = message.fdList().stream().mapToInt(Integer::intValue).toArray();
        int sent = 0;
        while (isOpen() && sent < bytes.length) {
            int n = socket.send(bytes, sent, bytes.length - sent, sent == 0 ? along : new int[0]);
            if (n == UnixSocket.CLOSED) {
                end("has closed the connection");
            } else if (n == UnixSocket.WOULD_BLOCK && !awaitRoom()) {
                end("takes no messages");
            } else {
                sent += Math.max(0, n);
            }
        }
        return isOpen();
    }

    /// The next message if it is complete, else null; see {@link #isOpen} then. The caller closes it.
    ///
    /// Never reads beyond a message, since descriptors come with the bytes that they were sent with.
    public @Nullable VfioUserMessage receive() {
        while (isOpen()) {
            byte[] into = payload == null ? headerBytes : payload;
            if (received < into.length) {
                if (!receive(into)) {
                    return null;
                }
            } else if (payload == null) {
                startPayload();
            } else {
                return complete(payload);
            }
        }
        return null;
    }

    /// Waits until there may be something to receive; says whether there is.
    boolean await(int timeoutMillis) {
        return Poll.of(socket.fd(), Poll.IN).await(timeoutMillis) > 0;
    }

    boolean awaitRoom() {
        return Poll.of(socket.fd(), Poll.OUT).await(SEND_PATIENCE) > 0;
    }

    /// Closes the socket, and the descriptors of a message that has not been complete.
    @Override
    public void close() {
        end("is not connected any more");
        fds.forEach(Fd::close);
        fds.clear();
        socket.close();
    }

    private boolean receive(byte[] into) {
        int n;
        try {
            n = socket.receive(into, received, into.length - received, fds);
        } catch (LinuxException e) {
            end("has sent more descriptors than there can be");
            return false;
        }
        if (n == UnixSocket.CLOSED) {
            end("has closed the connection");
        } else if (fds.size() > VfioUserMessage.MAX_FDS) {
            end("has sent more descriptors than there can be");
        }
        received += Math.max(0, n);
        return n != UnixSocket.WOULD_BLOCK;
    }

    private void startPayload() {
        long size = header.getInt(4) & 0xFFFF_FFFFL;
        long length = size - VfioUserMessage.HEADER;
        if (length < 0 || length > VfioUserMessage.MAX_PAYLOAD) {
            end("has sent a message of %d bytes, where %d to %d are possible"
                    .formatted(size, VfioUserMessage.HEADER, VfioUserMessage.HEADER + VfioUserMessage.MAX_PAYLOAD));
            return;
        }
        payload = new byte[(int) length];
        received = 0;
    }

    private VfioUserMessage complete(byte[] whole) {
        VfioUserMessage message = new VfioUserMessage(
                header.getShort(0) & 0xFFFF,
                header.getShort(2) & 0xFFFF,
                header.getInt(8),
                header.getInt(12),
                ByteBuffer.wrap(whole),
                fds);
        fds.clear();
        payload = null;
        received = 0;
        return message;
    }
}
