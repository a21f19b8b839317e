package org.barewire.drivers.memif;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A message of the control channel: 128 bytes, the type in the first two (`memif_msg_t` in memif.h). Fields
/// are packed, and in the machine's order.
final class Message {
    static final int BYTES = 128;
    static final int VERSION = 2 << 8;
    static final int MODE_ETHERNET = 0;
    static final int RING_C2S = 1;

    private static final int NAME = 32;
    private static final int SECRET = 24;
    private static final int REASON = 96;

    enum Type {
        NONE(0),
        ACK(1),
        HELLO(2),
        INIT(3),
        ADD_REGION(4),
        ADD_RING(5),
        CONNECT(6),
        CONNECTED(7),
        DISCONNECT(8);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    private final ByteBuffer bytes;

    private Message(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    private Message(Type type) {
        this(ByteBuffer.allocate(BYTES));
        bytes.putShort((short) type.number);
    }

    /// What a peer has sent: {@link #BYTES} bytes of which nothing is known.
    static Message of(byte[] received) {
        return new Message(ByteBuffer.wrap(received));
    }

    static Message ack() {
        return new Message(Type.ACK);
    }

    /// @param queues how many rings each way there may be
    static Message hello(int queues, int maxRegions) {
        Message hello = new Message(Type.HELLO).text(NAME, "Barewire");
        hello.bytes.putShort((short) VERSION).putShort((short) VERSION);
        hello.bytes.putShort((short) (maxRegions - 1));
        hello.bytes.putShort((short) (queues - 1)).putShort((short) (queues - 1));
        hello.bytes.put((byte) Layout.MAX_LOG2_SIZE);
        return hello;
    }

    static Message init(int id, String secret) {
        Message init = new Message(Type.INIT);
        init.bytes.putShort((short) VERSION).putInt(id).put((byte) MODE_ETHERNET);
        return init.text(SECRET, secret).text(NAME, "Barewire");
    }

    static Message addRegion(int index, long size) {
        Message add = new Message(Type.ADD_REGION);
        add.bytes.putShort((short) index).putLong(size);
        return add;
    }

    static Message addRing(boolean c2s, int index, long offset, int log2Size) {
        Message add = new Message(Type.ADD_RING);
        add.bytes.putShort((short) (c2s ? RING_C2S : 0)).putShort((short) index).putShort((short) 0);
        add.bytes.putInt((int) offset).put((byte) log2Size).putShort((short) 0);
        return add;
    }

    static Message connect(String name) {
        return new Message(Type.CONNECT).text(NAME, name);
    }

    static Message connected(String name) {
        return new Message(Type.CONNECTED).text(NAME, name);
    }

    static Message disconnect(String reason) {
        Message disconnect = new Message(Type.DISCONNECT);
        disconnect.bytes.putInt(0);
        return disconnect.text(REASON, reason);
    }

    /// Appends text that ends with a zero byte, if there is room for it.
    private Message text(int length, String text) {
        bytes.put(Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), length));
        return this;
    }

    byte[] bytes() {
        byte[] copy = new byte[BYTES];
        bytes.get(0, copy);
        return copy;
    }

    /// NONE for a number that is no type's.
    Type type() {
        int number = uint16(0);
        return Arrays.stream(Type.values())
                .filter(type -> type.number == number)
                .findFirst()
                .orElse(Type.NONE);
    }

    int uint8(int offset) {
        return bytes.get(offset) & 0xFF;
    }

    int uint16(int offset) {
        return bytes.getShort(offset) & 0xFFFF;
    }

    long uint32(int offset) {
        return bytes.getInt(offset) & 0xFFFF_FFFFL;
    }

    long int64(int offset) {
        return bytes.getLong(offset);
    }

    byte[] field(int offset, int length) {
        byte[] field = new byte[length];
        bytes.get(offset, field);
        return field;
    }

    byte[] secret() {
        return field(9, SECRET);
    }

    /// Why the peer disconnects, with only what can be printed safely.
    String reason() {
        StringBuilder reason = new StringBuilder();
        for (byte b : field(6, REASON)) {
            if (b == 0) {
                break;
            }
            reason.append(b >= ' ' && b < 0x7F ? (char) b : '?');
        }
        return reason.toString();
    }
}
