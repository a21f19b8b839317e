package org.barewire.core.device;

import org.barewire.core.packet.Packet;

/// Decides what becomes of a packet in a {@link Relay}: looks at it, changes it where it lies, says where it
/// goes.
@FunctionalInterface
public interface PacketHandler {
    /// The verdict for a packet that goes nowhere.
    int DROP = 0;

    /// Handles a packet and returns {@link #DROP} or {@link #send}. Must not keep the packet, nor move its
    /// beginning.
    int handle(long packet);

    /// The verdict that sends a packet as it is.
    ///
    /// @param outputs a bit for each output, bit 0 for the first; 16 at most
    static int send(long packet, int outputs) {
        return (outputs << 16) + Packet.length(packet);
    }

    /// The verdict that sends a packet's first `length` bytes, or lengthens it within its buffer.
    static int send(long packet, int length, int outputs) {
        return (outputs << 16) + Packet.length(Packet.resize(packet, length));
    }

    /// The outputs in a verdict.
    static int outputs(int verdict) {
        return verdict >>> 16;
    }

    /// The length in a verdict.
    static int length(int verdict) {
        return verdict & 0xFFFF;
    }
}
