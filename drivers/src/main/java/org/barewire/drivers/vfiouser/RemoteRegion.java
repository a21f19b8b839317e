package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import org.barewire.core.device.DeviceException;
import org.barewire.drivers.pci.PciBar;

/// A region of a device that a server plays, a base address register or configuration space, read and written
/// by messages. Writes of 32 bits to registers are posted, as on the bus.
final class RemoteRegion extends PciBar {
    private static final int REPLY = VfioUserCommand.REGION_ACCESS_BYTES;

    private final VfioUserSession session;
    private final int index;
    private final long size;

    private RemoteRegion(VfioUserSession session, int index, long size) {
        this.session = session;
        this.index = index;
        this.size = size;
    }

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

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read8(int offset) {
        return read(offset, 1);
    }

    @Override
    public int read16(int offset) {
        return read(offset, 2);
    }

    @Override
    public int read32(int offset) {
        return read(offset, 4);
    }

    @Override
    public void write8(int offset, int value) {
        write(offset, 1, value);
    }

    @Override
    public void write16(int offset, int value) {
        write(offset, 2, value);
    }

    /// To a register, does not wait until the server has done it.
    @Override
    public void write32(int offset, int value) {
        if (index == VfioUserCommand.REGION_CONFIG) {
            write(offset, 4, value);
        } else {
            checkRange(offset, 4);
            session.post(index, offset, value);
        }
    }

    /// All ones if the server is gone or refuses, as from a device that is gone.
    private int read(int offset, int bytes) {
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
    private void write(int offset, int bytes, int value) {
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
