package org.barewire.drivers.memif;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.jspecify.annotations.Nullable;

/// Messages to and from a peer that may send anything. Belongs to the port's control thread.
final class Channel implements AutoCloseable {
    private static final long PATIENCE_NANOS = 3_000_000_000L;

    /// A message with the descriptors that came along; the receiver's. At most one is of use.
    record Received(Message message, List<Integer> fds) {
        /// The one descriptor, which is the caller's from now on.
        int takeFd() throws ProtocolException {
            if (fds.size() != 1) {
                throw new ProtocolException(
                        "%s came with %d descriptors, not with 1".formatted(message.type(), fds.size()));
            }
            return fds.removeFirst();
        }

        /// The message alone; descriptors that nobody asked for are closed.
        Message onlyMessage() {
            closeFds();
            return message;
        }

        void closeFds() {
            fds.forEach(Fd::close);
            fds.clear();
        }
    }

    private final UnixSocket socket;
    private final Poll poll = new Poll(2);

    /// @param socket closed with the channel
    /// @param stop   ends every wait when it is signalled
    Channel(UnixSocket socket, EventFd stop) {
        this.socket = socket;
        poll.set(0, socket.fd(), Poll.IN);
        poll.set(1, stop.fd(), Poll.IN);
    }

    /// Sends a message. There is always room: each is answered before the next one.
    void send(Message message, int... fds) throws ProtocolException {
        int sent = socket.send(message.bytes(), 0, Message.BYTES, fds);
        if (sent != Message.BYTES) {
            throw new ProtocolException("the other side is gone");
        }
    }

    /// Waits for a message of one of these types, as long as a peer may take to answer.
    ///
    /// @throws ProtocolException if it is something else, or nothing
    Received expect(Message.Type... types) throws ProtocolException {
        long start = System.nanoTime();
        while (true) {
            Received received = receive(100);
            if (received != null) {
                return check(received, types);
            }
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new ProtocolException("the other side says nothing");
            }
        }
    }

    private static Received check(Received received, Message.Type... types) throws ProtocolException {
        Message.Type type = received.message.type();
        if (List.of(types).contains(type)) {
            return received;
        }
        received.closeFds();
        if (type == Message.Type.DISCONNECT) {
            throw new ProtocolException("the other side says: " + received.message.reason());
        }
        throw new ProtocolException("%s came where %s was due".formatted(type, List.of(types)));
    }

    /// Waits for as long as the peer is there and `fault` false.
    ///
    /// @throws ProtocolException in the end: says why it is the end
    void awaitEnd(BooleanSupplier fault) throws ProtocolException {
        while (!fault.getAsBoolean()) {
            Received received = receive(100);
            if (received != null) {
                check(received);
            }
        }
        throw new ProtocolException("the other side has taken its memory away");
    }

    private @Nullable Received receive(int timeoutMillis) throws ProtocolException {
        poll.await(timeoutMillis);
        if (poll.happened(1) != 0) {
            throw new ProtocolException("this side is being closed");
        }
        if (poll.happened(0) == 0) {
            return null;
        }
        byte[] bytes = new byte[Message.BYTES];
        List<Integer> fds = new ArrayList<>();
        int length;
        try {
            length = socket.receive(bytes, 0, Message.BYTES, fds);
        } catch (LinuxException e) {
            throw new ProtocolException("the other side sent what is no message: " + e.getMessage());
        }
        if (length == UnixSocket.WOULD_BLOCK) {
            return null;
        }
        Received received = new Received(Message.of(bytes), fds);
        if (length != Message.BYTES) {
            received.closeFds();
            throw new ProtocolException(
                    length == UnixSocket.CLOSED
                            ? "the other side is gone"
                            : "the other side sent %d bytes, and a message has %d".formatted(length, Message.BYTES));
        }
        return received;
    }

    /// Tells the other side, if it is there, why this is the end.
    void sayGoodbye(String reason) {
        try {
            send(Message.disconnect(reason));
        } catch (ProtocolException | LinuxException e) {
            // then it knows
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
