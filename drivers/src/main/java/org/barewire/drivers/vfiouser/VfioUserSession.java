package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.UnixSocket;
import org.jspecify.annotations.Nullable;

/// The client's end of a connection: commands and their replies, one at a time, and writes that want none.
///
/// Any thread may call. Once the server is gone, or has broken the protocol, every request fails with what
/// happened and posted writes are dropped.
final class VfioUserSession implements AutoCloseable {
    private static final int VERSION_BYTES = 4;

    private final String path;
    private final int patience; // milliseconds
    private final VfioUserChannel channel; // guarded by this
    private final PostedWrite posted; // guarded by this
    private int nextId; // guarded by this
    private volatile String ending = "";
    private volatile boolean closed;
    private int maxFds = 1;

    private VfioUserSession(String path, int patience, UnixSocket socket) {
        this.path = path;
        this.patience = patience;
        this.channel = new VfioUserChannel(socket);
        this.posted = new PostedWrite(socket.fd());
    }

    /// Connects, and agrees on the version ("VFIO_USER_VERSION").
    ///
    /// @param patience milliseconds that an answer may take
    /// @throws DeviceException if nobody listens there, or not one that speaks this protocol
    static VfioUserSession connect(String path, int patience) {
        UnixSocket socket;
        try {
            socket = UnixSocket.connect(UnixSocket.Type.STREAM, path);
        } catch (LinuxException e) {
            String cure = e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED
                    ? ". Start the server first, as in: barewire nic --socket " + path
                    : "";
            throw new DeviceException("no vfio-user server: %s%s".formatted(e.getMessage(), cure), e);
        }
        VfioUserSession session = new VfioUserSession(path, patience, socket);
        try {
            session.agree();
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private void agree() {
        byte[] json = "{\"capabilities\":{\"max_msg_fds\":%d,\"max_data_xfer_size\":%d}}\0"
                .formatted(VfioUserMessage.MAX_FDS, VfioUserMessage.MAX_DATA)
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer proposal = VfioUserMessage.payload(VERSION_BYTES + json.length);
        proposal.putShort((short) VfioUserCommand.MAJOR).putShort((short) VfioUserCommand.MINOR);
        proposal.put(json);
        ByteBuffer answer = request("agree on a version", VfioUserCommand.VERSION, proposal, VERSION_BYTES);
        int major = answer.getShort(0);
        int minor = answer.getShort(2);
        if (major != VfioUserCommand.MAJOR || minor > VfioUserCommand.MINOR) {
            throw new DeviceException("the vfio-user server at %s speaks version %d.%d, but %d.%d is needed"
                    .formatted(path, major, minor, VfioUserCommand.MAJOR, VfioUserCommand.MINOR));
        }
        String capabilities = StandardCharsets.UTF_8
                .decode(answer.slice(VERSION_BYTES, answer.limit() - VERSION_BYTES))
                .toString();
        maxFds = Math.clamp(number(capabilities, "max_msg_fds", 1), 1, VfioUserMessage.MAX_FDS);
    }

    /// A whole number in a server's capabilities, which are a flat JSON object.
    private static int number(String json, String name, int otherwise) {
        Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*([0-9]{1,9})").matcher(json);
        return found.find() ? Integer.parseInt(found.group(1)) : otherwise;
    }

    String path() {
        return path;
    }

    /// The most descriptors that the server takes in a message.
    int maxFds() {
        return maxFds;
    }

    /// Whether the server is there, and this end has not been closed.
    boolean isAlive() {
        return ending.isEmpty() && !closed;
    }

    /// What became of the server, as in `has closed the connection`; empty if nothing has been heard.
    String ending() {
        return ending;
    }

    /// Has the server do something, and waits for its answer.
    ///
    /// @param what  for people, as in `map memory`
    /// @param least bytes that the answer has
    /// @throws DeviceException if it refuses, does not answer or is gone
    synchronized ByteBuffer request(String what, int command, ByteBuffer payload, int least, int... fds) {
        checkAlive();
        int id = nextId;
        nextId = nextId + 1 & 0xFFFF;
        List<Integer> along = Arrays.stream(fds).boxed().toList();
        channel.send(VfioUserMessage.request(id, command, payload, along));
        VfioUserMessage reply = awaitReply(id, command);
        checkAlive();
        if (reply == null) {
            throw end("has not answered within %d ms when asked to %s".formatted(patience, what));
        }
        if (reply.error() != 0) {
            throw new DeviceException("the vfio-user server at %s refuses to %s: %s"
                    .formatted(path, what, Errno.describe(reply.error())));
        }
        if (reply.size() < least) {
            throw end("has answered %d bytes, less than %d, when asked to %s".formatted(reply.size(), least, what));
        }
        return reply.payload();
    }

    /// Writes 32 bits without waiting for an answer. Does not allocate.
    synchronized void post(int region, long offset, int value) {
        if (!isAlive()) {
            return;
        }
        int result = posted.send(nextId, region, offset, value);
        nextId = nextId + 1 & 0xFFFF;
        if (result != 0) {
            channel.end("takes no messages: " + Errno.describe(result));
            noteEnding();
        }
    }

    /// Nothing is left of the connection afterwards. Closing twice does nothing.
    @Override
    public synchronized void close() {
        if (!closed) {
            noteEnding();
            closed = true;
            channel.close();
            posted.close();
        }
    }

    /// The reply, without the descriptors that nobody has asked for; null if none comes in time.
    private @Nullable VfioUserMessage awaitReply(int id, int command) {
        long end = System.nanoTime() + patience * 1_000_000L;
        while (channel.isOpen()) {
            VfioUserMessage message = channel.receive();
            long left = (end - System.nanoTime()) / 1_000_000;
            if (message != null) {
                message.close();
                if (message.isReply() && message.id() == id && message.command() == command) {
                    return message;
                }
                answer(message);
            }
            if (left <= 0) {
                return null;
            }
            if (message == null) {
                channel.await((int) left);
            }
        }
        return null;
    }

    /// All memory is shared with the server, so that it has nothing to ask for (DMA_READ, DMA_WRITE).
    private void answer(VfioUserMessage message) {
        if (message.isReply()) {
            channel.end("has answered what it was not asked: " + message);
        } else if (message.wantsReply()) {
            channel.send(message.failed(Errno.EOPNOTSUPP));
        }
    }

    private void checkAlive() {
        noteEnding();
        if (!isAlive()) {
            throw new DeviceException("the vfio-user server at %s %s"
                    .formatted(path, ending.isEmpty() ? "is not connected any more" : ending));
        }
    }

    private DeviceException end(String why) {
        channel.end(why);
        noteEnding();
        return new DeviceException("the vfio-user server at %s %s".formatted(path, why));
    }

    private void noteEnding() {
        if (!closed) {
            ending = channel.ending();
        }
    }
}
