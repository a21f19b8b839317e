package org.barewire.drivers.vhost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.barewire.drivers.FdMessage;

/// One message of vhost-user: `u32 request, u32 flags, u32 size`, `size` bytes of payload, and descriptors
/// along with them ("Message specification"). All numbers are in the machine's order.
public final class VhostMessage extends FdMessage {
    /// Bytes of request, flags and size.
    public static final int HEADER = 12;

    /// The longest payload that is taken: longer than any message that this protocol has for networks.
    public static final int MAX_PAYLOAD = 1024;

    /// Regions that one {@link VhostRequest#SET_MEM_TABLE} can have; each comes with a descriptor.
    public static final int MAX_REGIONS = 8;

    /// Bytes of a memory region: `u64` guest address, size, user address, offset in the file.
    public static final int REGION = 32;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final int request;
    private final int flags;
    private final byte[] payload;

    VhostMessage(int request, int flags, byte[] payload, List<Integer> fds) {
        super(fds);
        this.request = request;
        this.flags = flags;
        this.payload = payload;
    }

    /// A message without payload.
    public static VhostMessage of(int request) {
        return ofBytes(request, new byte[0]);
    }

    /// A message whose payload is any bytes; they are not copied.
    public static VhostMessage ofBytes(int request, byte[] payload, int... fds) {
        List<Integer> list = new ArrayList<>();
        for (int fd : fds) {
            list.add(fd);
        }
        return new VhostMessage(request, VhostRequest.VERSION, payload, list);
    }

    /// A message with `u64`s.
    public static VhostMessage ofLongs(int request, long... values) {
        byte[] payload = new byte[8 * values.length];
        for (int i = 0; i < values.length; i++) {
            LONG.set(payload, 8 * i, values[i]);
        }
        return ofBytes(request, payload);
    }

    /// A message about one ring: `u32 index, u32 value`.
    public static VhostMessage ofRing(int request, int ring, int value) {
        return ofLongs(request, (long) value << 32 | ring);
    }

    /// A message that hands over a ring's eventfd.
    public static VhostMessage ofRingFd(int request, int ring, int fd) {
        byte[] payload = new byte[8];
        LONG.set(payload, 0, (long) ring);
        return ofBytes(request, payload, fd);
    }

    /// The same with further flags, as {@link VhostRequest#NEED_REPLY} or {@link VhostRequest#REPLY}.
    public VhostMessage withFlags(int more) {
        return new VhostMessage(request, flags | more, payload, fdList());
    }

    /// The same with a descriptor, which stays the caller's.
    public VhostMessage withFd(int fd) {
        return new VhostMessage(request, flags, payload, List.of(fd));
    }

    public int request() {
        return request;
    }

    public int flags() {
        return flags;
    }

    public boolean isReply() {
        return (flags & VhostRequest.REPLY) != 0;
    }

    /// Bytes of payload.
    public int size() {
        return payload.length;
    }

    /// The payload, not a copy.
    public byte[] payload() {
        return payload;
    }

    /// The `u32` at an offset of the payload, which must be there: see {@link #size}.
    public int getInt(int offset) {
        return (int) INT.get(payload, offset);
    }

    /// The `u64` at an offset of the payload, which must be there: see {@link #size}.
    public long getLong(int offset) {
        return (long) LONG.get(payload, offset);
    }

    /// For people, as in `request 5, 40 bytes, 1 descriptors`.
    @Override
    public String toString() {
        return "request %d, %d bytes, %d descriptors".formatted(request, payload.length, fds());
    }
}
