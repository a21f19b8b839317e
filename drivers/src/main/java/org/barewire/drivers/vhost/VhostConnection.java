package org.barewire.drivers.vhost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.jspecify.annotations.Nullable;

/// Sends and receives the messages of vhost-user over a connected socket, for either side.
///
/// The other end is not trusted: what is not a message closes the connection. Belongs to one thread.
public final class VhostConnection implements AutoCloseable {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final UnixSocket socket;
    private final byte[] header = new byte[VhostMessage.HEADER];
    private final List<Integer> fds = new ArrayList<>();
    private byte @Nullable [] payload; // of the message whose header is complete
    private int received; // bytes of the header, or of the payload
    private boolean open = true;

    /// @param socket a connected stream socket, which is this object's from now on
    public VhostConnection(UnixSocket socket) {
        this.socket = socket;
    }

    /// The descriptor to wait for, with {@link Poll}.
    public int fd() {
        return socket.fd();
    }

    /// False when the other end has closed the connection, or has sent what is no message.
    public boolean isOpen() {
        return open;
    }

    /// Sends a message with its descriptors; waits, for a second at most, while the other end has no room for it.
    ///
    /// @throws DeviceException if the other end is gone or does not read
    public void send(VhostMessage message) {
        int size = message.size();
        byte[] bytes = new byte[VhostMessage.HEADER + size];
        INT.set(bytes, 0, message.request());
        INT.set(bytes, 4, message.flags());
        INT.set(bytes, 8, size);
        System.arraycopy(message.payload(), 0, bytes, VhostMessage.HEADER, size);
        int[] along = message.fdList().stream().mapToInt(Integer::intValue).toArray();
        int sent = 0;
        while (sent < bytes.length) {
            int n = socket.send(bytes, sent, bytes.length - sent, sent == 0 ? along : new int[0]);
            if (n == UnixSocket.CLOSED || n == UnixSocket.WOULD_BLOCK && !await(Poll.OUT, 1000)) {
                open = false;
                throw new DeviceException("the vhost-user peer at %s takes no messages".formatted(socket.name()));
            }
            sent += Math.max(0, n);
        }
    }

    /// The next message if it is complete, else null; see {@link #isOpen} then. The caller closes it.
    public @Nullable VhostMessage receive() {
        while (open) {
            byte[] into = payload == null ? header : payload;
            if (received == into.length) {
                if (payload != null) {
                    return complete(payload);
                }
                startPayload();
            } else {
                int n = receive(into);
                if (n == UnixSocket.WOULD_BLOCK) {
                    return null;
                }
                received += n;
            }
        }
        return null;
    }

    /// Waits for a message.
    ///
    /// @throws DeviceException if none comes in time, or the connection ends
    public VhostMessage await(int timeoutMillis) {
        long start = System.nanoTime();
        VhostMessage message;
        while ((message = receive()) == null) {
            long left = timeoutMillis - (System.nanoTime() - start) / 1_000_000;
            if (!open || left <= 0) {
                throw new DeviceException("the vhost-user peer at %s %s"
                        .formatted(socket.name(), open ? "does not answer" : "has closed the connection"));
            }
            await(Poll.IN, (int) left);
        }
        return message;
    }

    /// Closes the socket, and the descriptors of a message that has not been complete.
    @Override
    public void close() {
        open = false;
        fds.forEach(Fd::close);
        fds.clear();
        socket.close();
    }

    private int receive(byte[] into) {
        int n;
        try {
            n = socket.receive(into, received, into.length - received, fds);
        } catch (LinuxException e) {
            n = UnixSocket.CLOSED; // too many descriptors
        }
        if (n == UnixSocket.CLOSED || fds.size() > VhostMessage.MAX_REGIONS) {
            open = false;
        }
        return n;
    }

    private void startPayload() {
        int flags = (int) INT.get(header, 4);
        int size = (int) INT.get(header, 8);
        if ((flags & VhostRequest.VERSION_MASK) != VhostRequest.VERSION
                || size < 0
                || size > VhostMessage.MAX_PAYLOAD) {
            open = false;
            return;
        }
        payload = new byte[size];
        received = 0;
    }

    private VhostMessage complete(byte[] whole) {
        VhostMessage message = new VhostMessage((int) INT.get(header, 0), (int) INT.get(header, 4), whole, fds);
        fds.clear();
        payload = null;
        received = 0;
        return message;
    }

    private boolean await(int events, int timeoutMillis) {
        return Poll.of(socket.fd(), events).await(timeoutMillis) > 0;
    }
}
