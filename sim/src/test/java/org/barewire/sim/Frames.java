package org.barewire.sim;

/// Builds frames for tests.
final class Frames {
    private Frames() {}

    /// To everybody, of an experimental EtherType, with a counting payload.
    static byte[] broadcast(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = i < 6 ? -1 : (byte) i;
        }
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xB5;
        return frame;
    }
}
