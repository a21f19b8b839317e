package org.barewire.sim.vfiouser;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.barewire.core.linux.Errno;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.vfiouser.VfioUserChannel;
import org.barewire.drivers.vfiouser.VfioUserCommand;
import org.barewire.drivers.vfiouser.VfioUserMessage;
import org.barewire.sim.Nic82599;

/// One client of a served model: answers its messages in order. For the server's thread.
final class NicConnection implements AutoCloseable {
    private static final int VERSION_BYTES = 4;
    private static final String CAPABILITIES = """
            {"capabilities":{"max_msg_fds":%d,"max_data_xfer_size":%d,"pgsizes":4096,"max_dma_maps":65535}}\0""".formatted(VfioUserMessage.MAX_FDS, VfioUserMessage.MAX_DATA);

    private final Nic82599 nic;
    private final Registers registers;
    private final VfioUserChannel channel;
    private final InterruptLines lines;
    private final ConfigSpace config;
    private final ClientMemory memory;
    private final ByteBuffer msixTable = VfioUserMessage.payload(ConfigSpace.MSIX_BYTES);

    NicConnection(Nic82599 nic, Registers registers, VfioUserChannel channel, InterruptLines lines) {
        this.nic = nic;
        this.registers = registers;
        this.channel = channel;
        this.lines = lines;
        config = new ConfigSpace(nic.deviceId());
        memory = new ClientMemory(nic);
        nic.setBusMaster(false);
    }

    VfioUserChannel channel() {
        return channel;
    }

    /// Whether the client has mapped memory that the device can't reach.
    boolean hasUnreachableMemory() {
        return memory.withoutFile();
    }

    /// Answers all messages that have come.
    void serve() {
        for (VfioUserMessage next = channel.receive(); next != null; next = channel.receive()) {
            try (VfioUserMessage message = next) {
                VfioUserMessage reply = answer(message);
                if (message.wantsReply()) {
                    channel.send(reply);
                }
                if (message.command() == VfioUserCommand.VERSION && reply.error() != 0) {
                    channel.end("speaks another version of the protocol");
                }
            }
        }
    }

    /// The client has gone: the device stops, and nothing of the client's is kept.
    @Override
    public void close() {
        lines.clear();
        nic.resetFunction();
        memory.close();
        channel.close();
    }

    private VfioUserMessage answer(VfioUserMessage message) {
        ByteBuffer question = message.payload();
        return switch (message.command()) {
            case VfioUserCommand.VERSION -> version(message);
            case VfioUserCommand.DMA_MAP -> done(message, memory.map(message), 0);
            case VfioUserCommand.DMA_UNMAP -> done(message, memory.unmap(message), VfioUserCommand.DMA_UNMAP_BYTES);
            case VfioUserCommand.DEVICE_GET_INFO -> message.reply(deviceInfo());
            case VfioUserCommand.DEVICE_GET_REGION_INFO ->
                message.size() < VfioUserCommand.REGION_INFO_BYTES
                        ? message.failed(Errno.EINVAL)
                        : message.reply(regionInfo(question.getInt(8)));
            case VfioUserCommand.DEVICE_GET_IRQ_INFO ->
                message.size() < VfioUserCommand.IRQ_INFO_BYTES
                        ? message.failed(Errno.EINVAL)
                        : message.reply(irqInfo(question.getInt(8)));
            case VfioUserCommand.DEVICE_SET_IRQS -> done(message, lines.set(message, nic::unmaskLine), 0);
            case VfioUserCommand.REGION_READ -> read(message);
            case VfioUserCommand.REGION_WRITE -> write(message);
            case VfioUserCommand.DEVICE_RESET -> {
                reset();
                yield message.reply(VfioUserMessage.payload(0));
            }
            default -> message.failed(Errno.EOPNOTSUPP);
        };
    }

    /// @param echoed bytes of the command that its reply repeats
    private static VfioUserMessage done(VfioUserMessage message, int errno, int echoed) {
        return errno == 0 ? message.reply(message.payload().slice(0, echoed)) : message.failed(errno);
    }

    private VfioUserMessage version(VfioUserMessage message) {
        if (message.size() < VERSION_BYTES || message.payload().getShort(0) != VfioUserCommand.MAJOR) {
            return message.failed(Errno.EINVAL);
        }
        byte[] json = CAPABILITIES.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer answer = VfioUserMessage.payload(VERSION_BYTES + json.length);
        answer.putShort((short) VfioUserCommand.MAJOR).putShort((short) VfioUserCommand.MINOR);
        return message.reply(answer.put(json));
    }

    private static ByteBuffer deviceInfo() {
        return VfioUserMessage.payload(VfioUserCommand.DEVICE_INFO_BYTES)
                .putInt(VfioUserCommand.DEVICE_INFO_BYTES)
                .putInt(VfioUserCommand.DEVICE_PCI | VfioUserCommand.DEVICE_RESETTABLE)
                .putInt(VfioUserCommand.REGIONS)
                .putInt(VfioUserCommand.IRQS);
    }

    private static ByteBuffer regionInfo(int region) {
        int size = regionSize(region);
        int flags = size == 0 ? 0 : VfioUserCommand.REGION_READABLE | VfioUserCommand.REGION_WRITEABLE;
        return VfioUserMessage.payload(VfioUserCommand.REGION_INFO_BYTES)
                .putInt(VfioUserCommand.REGION_INFO_BYTES)
                .putInt(flags)
                .putInt(region)
                .putInt(0)
                .putLong(size)
                .putLong(0);
    }

    private static ByteBuffer irqInfo(int kind) {
        int count = InterruptLines.count(kind);
        int flags = kind == VfioUserCommand.IRQ_INTX
                ? VfioUserCommand.IRQ_MASKABLE | VfioUserCommand.IRQ_AUTOMASKED
                : VfioUserCommand.IRQ_NORESIZE;
        return VfioUserMessage.payload(VfioUserCommand.IRQ_INFO_BYTES)
                .putInt(VfioUserCommand.IRQ_INFO_BYTES)
                .putInt(count == 0 ? 0 : flags | VfioUserCommand.IRQ_EVENTFD)
                .putInt(kind)
                .putInt(count);
    }

    private static int regionSize(int region) {
        return switch (region) {
            case ConfigSpace.REGISTER_BAR -> ConfigSpace.REGISTER_BYTES;
            case ConfigSpace.MSIX_BAR -> ConfigSpace.MSIX_BYTES;
            case VfioUserCommand.REGION_CONFIG -> ConfigSpace.BYTES;
            default -> 0;
        };
    }

    private VfioUserMessage read(VfioUserMessage message) {
        if (!isPossible(message, 0)) {
            return message.failed(Errno.EINVAL);
        }
        int offset = (int) message.payload().getLong(0);
        int region = message.payload().getInt(8);
        int count = message.payload().getInt(12);
        ByteBuffer answer = VfioUserMessage.payload(VfioUserCommand.REGION_ACCESS_BYTES + count);
        answer.putLong(offset).putInt(region).putInt(count);
        switch (region) {
            case ConfigSpace.REGISTER_BAR -> {
                for (int i = 0; i < count; i += 4) {
                    answer.putInt(registers.read32(offset + i));
                }
            }
            case ConfigSpace.MSIX_BAR -> answer.put(msixTable.slice(offset, count));
            default -> config.read(offset, count, answer);
        }
        return message.reply(answer);
    }

    private VfioUserMessage write(VfioUserMessage message) {
        if (!isPossible(message, Math.max(0, message.payload().limit() - VfioUserCommand.REGION_ACCESS_BYTES))) {
            return message.failed(Errno.EINVAL);
        }
        int offset = (int) message.payload().getLong(0);
        int region = message.payload().getInt(8);
        int count = message.payload().getInt(12);
        ByteBuffer data = message.payload().slice(VfioUserCommand.REGION_ACCESS_BYTES, count);
        data.order(message.payload().order());
        switch (region) {
            case ConfigSpace.REGISTER_BAR -> {
                for (int i = 0; i < count; i += 4) {
                    registers.write32(offset + i, data.getInt(i));
                }
            }
            case ConfigSpace.MSIX_BAR -> msixTable.put(offset, data, 0, count);
            default -> writeConfig(offset, data);
        }
        return message.reply(message.payload().slice(0, VfioUserCommand.REGION_ACCESS_BYTES));
    }

    /// Registers are accessed by 32 bits (8.2.1).
    ///
    /// @param carried bytes of data that the message has, if it needs any
    private static boolean isPossible(VfioUserMessage message, int carried) {
        if (message.size() < VfioUserCommand.REGION_ACCESS_BYTES) {
            return false;
        }
        long offset = message.payload().getLong(0);
        int region = message.payload().getInt(8);
        int count = message.payload().getInt(12);
        boolean writes = message.command() == VfioUserCommand.REGION_WRITE;
        return count > 0
                && count <= VfioUserMessage.MAX_DATA
                && offset >= 0
                && offset <= regionSize(region) - count
                && (!writes || count == carried)
                && (region != ConfigSpace.REGISTER_BAR || (offset | count) % 4 == 0);
    }

    private void writeConfig(int offset, ByteBuffer data) {
        if (config.write(offset, data)) {
            nic.resetFunction();
        }
        nic.setBusMaster(config.busMaster());
    }

    private void reset() {
        config.reset();
        lines.clear();
        nic.resetFunction();
        nic.setBusMaster(false);
    }
}
