package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import org.barewire.core.device.DeviceException;

/// A region of the device, read and written by messages of 1, 2 or 4 bytes.
///
/// @param size bytes
record RemoteRegion(VfioUserSession session, int index, long size) {
    private static final int REPLY = VfioUserCommand.REGION_ACCESS_BYTES;

    /// Asks the server for a region; its size is 0 if there is none.
    static RemoteRegion of(VfioUserSession session, int index) {
        ByteBuffer question = VfioUserMessage.payload(VfioUserCommand.REGION_INFO_BYTES);
        question.putInt(VfioUserCommand.REGION_INFO_BYTES).putInt(0).putInt(index);
        ByteBuffer answer = session.request(
                "describe region " + index,
                VfioUserCommand.DEVICE_GET_REGION_INFO,
                question,
                VfioUserCommand.REGION_INFO_BYTES);
        int both = VfioUserCommand.REGION_READABLE | VfioUserCommand.REGION_WRITEABLE;
        long size = answer.getLong(16);
        if (size < 0 || size > Integer.MAX_VALUE || answer.getInt(8) != index) {
            throw new DeviceException("the vfio-user server at %s says that region %d has %d bytes"
                    .formatted(session.path(), index, size));
        }
        return new RemoteRegion(session, index, (answer.getInt(4) & both) == both ? size : 0);
    }

    /// All ones if the server is gone or refuses, as from a device that is gone.
    int read(int offset, int bytes) {
        checkRange(offset, bytes);
        ByteBuffer question = access(offset, bytes, 0);
        try {
            ByteBuffer answer = session.request("read", VfioUserCommand.REGION_READ, question, REPLY + bytes);
            return switch (bytes) {
                case 1 -> answer.get(REPLY) & 0xFF;
                case 2 -> answer.getShort(REPLY) & 0xFFFF;
                default -> answer.getInt(REPLY);
            };
        } catch (DeviceException e) {
            return -1 >>> 32 - 8 * bytes;
        }
    }

    /// Returns when the server has done it. Is lost if the server is gone or refuses.
    void write(int offset, int bytes, int value) {
        checkRange(offset, bytes);
        ByteBuffer question = access(offset, bytes, bytes);
        for (int i = 0; i < bytes; i++) {
            question.put(REPLY + i, (byte) (value >>> 8 * i));
        }
        try {
            session.request("write", VfioUserCommand.REGION_WRITE, question, 0);
        } catch (DeviceException e) {
            return; // nobody hears it
        }
    }

    /// Does not wait until the server has done it.
    void post(int offset, int value) {
        checkRange(offset, 4);
        session.post(index, offset, value);
    }

    private ByteBuffer access(int offset, int bytes, int data) {
        ByteBuffer question = VfioUserMessage.payload(REPLY + data);
        question.putLong(offset).putInt(index).putInt(bytes);
        return question;
    }

    private void checkRange(int offset, int bytes) {
        if (offset < 0 || offset > size - bytes || (offset & bytes - 1) != 0) {
            throw new IndexOutOfBoundsException("offset 0x%x is not one of %d bytes in the 0x%x bytes of region %d"
                    .formatted(offset, bytes, size, index));
        }
    }
}
