package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.barewire.drivers.FdMessage;

/// One message of vfio-user: `u16 id, u16 command, u32 size, u32 flags, u32 error`, a payload, and descriptors
/// along with it ("Header"). All numbers are little endian.
public final class VfioUserMessage extends FdMessage {
    /// Bytes of the header.
    public static final int HEADER = 16;

    /// The most data that one REGION_READ or REGION_WRITE carries.
    public static final int MAX_DATA = 16 << 10;

    /// The longest payload that is taken.
    public static final int MAX_PAYLOAD = MAX_DATA + 64;

    /// The most descriptors in one message.
    public static final int MAX_FDS = 8;

    // flags
    static final int TYPE = 0xF;
    static final int REPLY = 1;
    static final int NO_REPLY = 1 << 4;
    static final int ERROR = 1 << 5;

    private final int id;
    private final int command;
    private final int flags;
    private final int error;
    private final ByteBuffer payload;

    VfioUserMessage(int id, int command, int flags, int error, ByteBuffer payload, List<Integer> fds) {
        super(fds);
        this.id = id;
        this.command = command;
        this.flags = flags;
        this.error = error;
        this.payload = payload.order(ByteOrder.LITTLE_ENDIAN);
    }

    /// A zeroed payload of so many bytes, to be filled in.
    public static ByteBuffer payload(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// A command that wants a reply.
    ///
    /// @param id  16 bits, that the reply repeats
    /// @param fds stay the caller's
    public static VfioUserMessage request(int id, int command, ByteBuffer payload, List<Integer> fds) {
        return new VfioUserMessage(id, command, 0, 0, payload, fds);
    }

    /// The answer to this command.
    public VfioUserMessage reply(ByteBuffer payload) {
        return new VfioUserMessage(id, command, REPLY, 0, payload, List.of());
    }

    /// The answer to this command that it failed.
    ///
    /// @param errno see {@link org.barewire.core.linux.Errno}
    public VfioUserMessage failed(int errno) {
        return new VfioUserMessage(id, command, REPLY | ERROR, errno, payload(0), List.of());
    }

    int id() {
        return id;
    }

    public int command() {
        return command;
    }

    int flags() {
        return flags;
    }

    /// The error number of a reply that says that the command failed, else 0.
    public int error() {
        return (flags & ERROR) == 0 ? 0 : Math.max(1, error);
    }

    boolean isReply() {
        return (flags & TYPE) == REPLY;
    }

    /// Whether its sender waits for an answer.
    public boolean wantsReply() {
        return (flags & (TYPE | NO_REPLY)) == 0;
    }

    /// Bytes of payload.
    public int size() {
        return payload.limit();
    }

    /// The payload, not a copy; to be read by offsets, after a look at {@link #size}.
    public ByteBuffer payload() {
        return payload;
    }

    /// For people, as in `command 5, 32 bytes, 0 descriptors`.
    @Override
    public String toString() {
        return "command %d, %d bytes, %d descriptors".formatted(command, size(), fds());
    }
}
