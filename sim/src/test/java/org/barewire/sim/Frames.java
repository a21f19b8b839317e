package org.barewire.sim;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/// Builds frames for tests, with checksums that are computed here and not by the model.
final class Frames {
    static final int ETHERNET = 14;
    static final int IPV4 = 20;
    static final int IPV6 = 40;
    static final int TCP = 20;
    static final int UDP = 8;
    static final String SOURCE4 = "420995bb"; // 66.9.149.187
    static final String DESTINATION4 = "a18e6450"; // 161.142.100.80
    static final String SOURCE6 = "3ffe250102001fff0000000000000007";
    static final String DESTINATION6 = "3ffe2501020000030000000000000001";

    private static final int SOURCE_PORT = 2794;
    private static final int DESTINATION_PORT = 1766;

    private Frames() {}

    /// To everybody, of an experimental EtherType, with a counting payload.
    static byte[] broadcast(int length) {
        return to("ffffffffffff", length);
    }

    static byte[] to(String address, int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) i;
        }
        byte[] destination = hex(address);
        System.arraycopy(destination, 0, frame, 0, 6);
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xB5;
        return frame;
    }

    static byte[] tcp4(int payload) {
        return packet(0x0800, 6, tcp(payload));
    }

    static byte[] udp4(int payload) {
        return packet(0x0800, 17, udp(payload));
    }

    static byte[] tcp6(int payload) {
        return packet(0x86DD, 6, tcp(payload));
    }

    static byte[] udp6(int payload) {
        return packet(0x86DD, 17, udp(payload));
    }

    /// Puts a VLAN tag behind the addresses.
    static byte[] tagged(byte[] frame, int tag) {
        ByteBuffer buffer = ByteBuffer.allocate(frame.length + 4);
        buffer.put(frame, 0, 12).putShort((short) 0x8100).putShort((short) tag);
        return buffer.put(frame, 12, frame.length - 12).array();
    }

    /// The ones' complement sum of a range, folded, as a number in network order.
    static int sum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += (bytes[i] & 0xFF) << 8 | (i + 1 < to ? bytes[i + 1] & 0xFF : 0);
        }
        while (sum > 0xFFFF) {
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return sum;
    }

    static int pseudoHeaderSum(byte[] frame, int protocol, int length) {
        boolean v4 = frame[12] == 0x08;
        byte[] addresses = v4 ? hex(SOURCE4 + DESTINATION4) : hex(SOURCE6 + DESTINATION6);
        int sum = sum(addresses, 0, addresses.length) + protocol + length;
        return (sum & 0xFFFF) + (sum >>> 16);
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    static int u16(byte[] bytes, int offset) {
        return (bytes[offset] & 0xFF) << 8 | bytes[offset + 1] & 0xFF;
    }

    static void put16(byte[] bytes, int offset, int value) {
        bytes[offset] = (byte) (value >>> 8);
        bytes[offset + 1] = (byte) value;
    }

    private static byte[] tcp(int payload) {
        byte[] bytes = new byte[TCP + payload];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putShort((short) SOURCE_PORT)
                .putShort((short) DESTINATION_PORT)
                .putInt(1000)
                .putInt(2000);
        buffer.putShort((short) 0x5019)
                .putShort((short) 512)
                .putShort((short) 0)
                .putShort((short) 0);
        return counting(bytes, buffer.position());
    }

    private static byte[] udp(int payload) {
        byte[] bytes = new byte[UDP + payload];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putShort((short) SOURCE_PORT).putShort((short) DESTINATION_PORT);
        buffer.putShort((short) (UDP + payload)).putShort((short) 0);
        return counting(bytes, buffer.position());
    }

    private static byte[] counting(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] packet(int etherType, int protocol, byte[] segment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(hex("020000000001020000000099"));
        out.writeBytes(new byte[] {(byte) (etherType >>> 8), (byte) etherType});
        boolean v4 = etherType == 0x0800;
        if (v4) {
            int total = IPV4 + segment.length;
            out.writeBytes(hex("4500%04x1234400040%02x0000".formatted(total, protocol) + SOURCE4 + DESTINATION4));
        } else {
            out.writeBytes(hex("60000000%04x%02x40".formatted(segment.length, protocol) + SOURCE6 + DESTINATION6));
        }
        int l4 = out.size();
        out.writeBytes(segment);
        byte[] frame = out.toByteArray();
        if (v4) {
            put16(frame, ETHERNET + 10, ~sum(frame, ETHERNET, l4));
        }
        int total = sum(frame, l4, frame.length) + pseudoHeaderSum(frame, protocol, segment.length);
        put16(frame, l4 + (protocol == 6 ? 16 : 6), ~((total & 0xFFFF) + (total >>> 16)));
        return frame;
    }
}
