package org.barewire.cli;

import org.barewire.core.packet.Packet;
import org.barewire.sim.Probe;
import org.barewire.sim.ProbeWriter;

/// Writes the frames of one stream. Allocates nothing.
interface FrameWriter {
    /// Bytes of the shortest frame, without check sequence.
    int minimumLength();

    /// Fills a packet, whose length is the frame's.
    ///
    /// @param sequence 0 to {@link Probe#MAX_SEQUENCE}
    void write(long packet, long sequence, long timestampNanos);

    /// Frames that a tester anywhere recognizes and checks: see {@link Probe}.
    record Probes(ProbeWriter writer) implements FrameWriter {
        @Override
        public int minimumLength() {
            return Math.max(writer.minimumLength(), Probe.MIN_LENGTH);
        }

        @Override
        public void write(long packet, long sequence, long timestampNanos) {
            writer.write(Packet.address(packet), Packet.length(packet), sequence, timestampNanos);
        }
    }
}
