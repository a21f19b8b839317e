package org.barewire.drivers.pcap;

import java.time.Instant;
import java.util.function.Supplier;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.linux.LinuxException;

/// The file that a capture is written to, and the further ones when it has become too long or too old: their
/// names end in 1, 2 and so on, as tcpdump -C has it. Belongs to one thread.
final class CaptureFiles implements AutoCloseable {
    private final String path;
    private final RecordFormat format;
    private final CaptureOptions options;
    private final Supplier<QueueStatistics> offered;
    private CaptureFile file;
    private int files = 1;
    private long bytes; // in this file
    private long firstTime; // of its first record
    private boolean empty; // it has no record

    /// Begins the first file.
    ///
    /// @param offered what was there to be written so far
    /// @throws LinuxException                           if it cannot be written
    /// @throws org.barewire.core.device.DeviceException if it is being written or read already
    CaptureFiles(String path, RecordFormat format, CaptureOptions options, Supplier<QueueStatistics> offered) {
        this.path = path;
        this.format = format;
        this.options = options;
        this.offered = offered;
        file = begin(path);
    }

    /// Writes whole records that lie behind one another.
    ///
    /// @throws LinuxException if not all of them can be written
    void write(long records, int length) {
        long end = records + length;
        long begin = records;
        if (options.rotates()) {
            for (long record = records; record < end; record += format.lengthOf(record)) {
                long time = format.timeOf(record);
                if (isFull(record - begin + format.lengthOf(record), time)) {
                    append(begin, record - begin);
                    begin = record;
                    end();
                    file = begin(path + files++);
                }
                if (empty) {
                    empty = false;
                    firstTime = time;
                }
            }
        }
        append(begin, end - begin);
    }

    private boolean isFull(long further, long time) {
        return !empty && (bytes + further > options.rotateBytes() || time - firstTime >= options.rotateNanos());
    }

    private CaptureFile begin(String name) {
        CaptureFile begun = CaptureFile.create(name);
        try {
            byte[] beginning = format.beginning();
            begun.append(beginning);
            bytes = beginning.length;
            empty = true;
            return begun;
        } catch (RuntimeException e) {
            begun.close();
            throw e;
        }
    }

    private void end() {
        try (CaptureFile ended = file) {
            QueueStatistics statistics = offered.get();
            Instant now = Instant.now();
            long time = now.getEpochSecond() * 1_000_000_000 + now.getNano();
            ended.append(format.ending(time, statistics.packets() + statistics.dropped(), statistics.dropped()));
        }
    }

    private void append(long address, long length) {
        file.append(address, length);
        bytes += length;
    }

    /// Ends the file.
    ///
    /// @throws LinuxException if its end cannot be written
    @Override
    public void close() {
        if (file.isOpen()) { // it is not where a further file could not be begun
            end();
        }
    }
}
