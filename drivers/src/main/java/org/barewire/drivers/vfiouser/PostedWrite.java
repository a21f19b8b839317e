package org.barewire.drivers.vfiouser;

import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Poll;
import org.barewire.core.memory.Memory;

/// The message that writes one register and wants no reply, in memory of its own, so that sending it does not
/// allocate.
final class PostedWrite implements AutoCloseable {
    private static final int MEMORY = 4096;
    private static final int VALUE = VfioUserMessage.HEADER + VfioUserCommand.REGION_ACCESS_BYTES;
    private static final int LENGTH = VALUE + 4;
    private static final int VECTOR = 64; // struct iovec, behind the message
    private static final int PATIENCE = 5000; // milliseconds

    private final int fd;
    private final Poll room;
    private final long message;

    /// @param fd a connected socket, which stays the caller's
    PostedWrite(int fd) {
        this.fd = fd;
        this.room = Poll.of(fd, Poll.OUT);
        message = Mman.map(0, MEMORY, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, -1, 0);
        Memory.putShort(message + 2, (short) VfioUserCommand.REGION_WRITE);
        Memory.putInt(message + 4, LENGTH);
        Memory.putInt(message + 8, VfioUserMessage.NO_REPLY);
        Memory.putInt(message + VfioUserMessage.HEADER + 12, 4);
    }

    /// Sends it; waits while the other end has no room. Returns 0, or the error number.
    int send(int id, int region, long offset, int value) {
        Memory.putShort(message, (short) id);
        Memory.putLong(message + VfioUserMessage.HEADER, offset);
        Memory.putInt(message + VfioUserMessage.HEADER + 8, region);
        Memory.putInt(message + VALUE, value);
        int sent = 0;
        while (sent < LENGTH) {
            Memory.putLong(message + VECTOR, message + sent);
            Memory.putLong(message + VECTOR + 8, LENGTH - sent);
            long result = Fd.writeVectors(fd, message + VECTOR, 1);
            if (result > 0) {
                sent += (int) result;
            } else if (result != -Errno.EAGAIN && result != -Errno.EINTR || room.await(PATIENCE) == 0) {
                return (int) -result;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        Mman.unmap(message, MEMORY);
    }
}
