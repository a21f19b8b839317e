package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// Cuts a large packet into frames, each with a header made from the packet's own (7.2.4). Guarded by the
/// model's lock.
final class Segmenter {
    private static final int TCP_FLAGS = 13;

    private final RegisterFile registers;
    private TxContext context = new TxContext();
    private long packet;
    private int length;
    private int offset; // of the next segment's payload; 0 when there is no packet
    private int index;
    private boolean ipChecksum;

    Segmenter(RegisterFile registers) {
        this.registers = registers;
    }

    boolean active() {
        return offset != 0;
    }

    /// Begins with a packet, which has a header and at least a byte of payload.
    void start(long packet, int length, TxContext context, boolean ipChecksum) {
        this.packet = packet;
        this.length = length;
        this.context = context;
        this.ipChecksum = ipChecksum;
        offset = context.headerLength();
        index = 0;
    }

    void cancel() {
        offset = 0;
    }

    /// Makes the next frame at the given address and gives its length.
    int next(long frame) {
        int header = context.headerLength();
        int bytes = Math.min(context.segmentSize, length - offset);
        boolean first = index == 0;
        boolean last = offset + bytes == length;
        Memory.copy(packet, frame, header);
        Memory.copy(packet + offset, frame + header, bytes);
        fixIp(frame + context.macLength, bytes);
        if (ipChecksum) {
            TxOffload.insertIpChecksum(frame, context);
        }
        if (context.protocol == TxContext.PROTOCOL_TCP) {
            fixTcp(frame + context.macLength + context.ipLength, offset - header, first, last);
        } else {
            Memory.putShortBe(frame + context.macLength + context.ipLength + 4, (short) (context.l4Length + bytes));
        }
        TxOffload.insertL4Checksum(frame, header + bytes, context, InternetSum.summand(context.l4Length + bytes));
        offset = last ? 0 : offset + bytes;
        index++;
        return header + bytes;
    }

    private void fixIp(long ip, int bytes) {
        if (context.ipv4) {
            Memory.putShortBe(ip + 2, (short) (context.ipLength + context.l4Length + bytes));
            Memory.putShortBe(ip + 4, (short) (Memory.getShortBe(packet + context.macLength + 4) + index));
        } else {
            Memory.putShortBe(ip + 4, (short) (context.ipLength - 40 + context.l4Length + bytes));
        }
    }

    /// Sequence number, and the flags that the first, middle and last segments may have (8.2.3.9.3,
    /// 8.2.3.9.4).
    private void fixTcp(long tcp, int sent, boolean first, boolean last) {
        Memory.putIntBe(tcp + 4, Memory.getIntBe(tcp + 4) + sent);
        int low = registers.get(Reg.DTXTCPFLGL);
        int mask = last ? registers.get(Reg.DTXTCPFLGH) : first ? low : low >>> 16;
        Memory.putByte(tcp + TCP_FLAGS, (byte) (Memory.getByte(tcp + TCP_FLAGS) & mask));
    }
}
