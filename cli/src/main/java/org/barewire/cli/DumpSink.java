package org.barewire.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.pcap.PcapWriter;

/// Where dumped packets go. For one thread.
interface DumpSink extends Closeable {
    /// Writes a packet, which stays the caller's.
    ///
    /// @param timeNanos since 1970
    void write(long timeNanos, long packet, int originalLength) throws IOException;

    /// Says that no packet is waiting at the moment.
    void caughtUp() throws IOException;

    /// Lets others see what has been written so far.
    void flush() throws IOException;

    /// Packets as records of a pcap file.
    record Pcap(PcapWriter writer) implements DumpSink {
        @Override
        public void write(long timeNanos, long packet, int originalLength) throws IOException {
            writer.write(timeNanos, packet, originalLength);
        }

        @Override
        public void caughtUp() {}

        @Override
        public void flush() throws IOException {
            writer.flush();
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }

    /// Packets as lines of text.
    ///
    /// @param link with Ethernet addresses
    /// @param hex  with bytes
    /// @param most bytes to print of a packet
    record Text(PrintWriter out, boolean link, boolean hex, int most) implements DumpSink {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("HH:mm:ss.nnnnnnnnn ", Locale.ROOT).withZone(ZoneId.systemDefault());

        @Override
        public void write(long timeNanos, long packet, int originalLength) {
            StringBuilder lines = new StringBuilder();
            TIME.formatTo(Instant.ofEpochSecond(0, timeNanos), lines);
            lines.append(PacketLine.of(packet, originalLength, link)).append('\n');
            if (hex) {
                HexDump.append(lines, Packet.resize(packet, Math.min(most, Packet.length(packet))));
            }
            out.append(lines);
        }

        @Override
        public void caughtUp() throws IOException {
            flush();
        }

        @Override
        public void flush() throws IOException {
            if (out.checkError()) { // flushes, too
                throw new IOException("nobody reads the standard output any more");
            }
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
