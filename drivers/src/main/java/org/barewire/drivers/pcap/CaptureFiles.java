package org.barewire.drivers.pcap;

import java.time.Instant;
import java.util.function.Supplier;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;

/// The file that a capture is written to, and the further ones when it has become too long or too old: their
/// names end in 1, 2 and so on, as tcpdump -C has it. Belongs to one thread.
final class CaptureFiles implements AutoCloseable {
    private static final int MODE = 0644;
    private static final int NONE = -1;
    private static final int SCRATCH = 4096;

    private final String path;
    private final RecordFormat format;
    private final CaptureOptions options;
    private final Supplier<QueueStatistics> offered;
    private final long scratch; // for what is not in a ring
    private int fd = NONE;
    private int files;
    private long bytes; // in this file
    private long firstTime; // of its first record
    private boolean empty; // it has no record

    /// Begins the first file.
    ///
    /// @param offered what was there to be written so far
    /// @throws LinuxException if it cannot be written
    CaptureFiles(String path, RecordFormat format, CaptureOptions options, Supplier<QueueStatistics> offered) {
        this.path = path;
        this.format = format;
        this.options = options;
        this.offered = offered;
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
        scratch = Mman.map(0, SCRATCH, Mman.PROT_READ | Mman.PROT_WRITE, flags, -1, 0);
        try {
            begin();
        } catch (RuntimeException e) {
            Mman.unmap(scratch, SCRATCH);
            throw e;
        }
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
                    begin();
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

    private void begin() {
        fd = Fd.create(files == 0 ? path : path + files, MODE);
        files++;
        bytes = 0;
        empty = true;
        append(format.beginning());
    }

    private void end() {
        try {
            QueueStatistics statistics = offered.get();
            Instant now = Instant.now();
            long time = now.getEpochSecond() * 1_000_000_000 + now.getNano();
            append(format.ending(time, statistics.packets() + statistics.dropped(), statistics.dropped()));
        } finally {
            int ended = fd;
            fd = NONE;
            Fd.close(ended);
        }
    }

    private void append(byte[] data) {
        Memory.copy(data, 0, scratch, data.length);
        append(scratch, data.length);
    }

    private void append(long address, long length) {
        long written = 0;
        while (written < length) {
            written += Fd.append(fd, address + written, length - written);
        }
        bytes += length;
    }

    /// Ends the file.
    ///
    /// @throws LinuxException if its end cannot be written
    @Override
    public void close() {
        try {
            if (fd != NONE) { // it is none where a further file could not be begun
                end();
            }
        } finally {
            Mman.unmap(scratch, SCRATCH);
        }
    }
}
