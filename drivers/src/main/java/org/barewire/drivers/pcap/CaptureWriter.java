package org.barewire.drivers.pcap;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.barewire.drivers.Threads;
import org.jspecify.annotations.Nullable;

/// The thread that writes what queues have put into their rings, of all queues in turn.
final class CaptureWriter implements AutoCloseable {
    private static final long PAUSE_NANOS = 200_000; // how long what is sent may lie before it is seen

    private final CaptureFiles files;
    private final List<CaptureQueue> queues;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable RuntimeException failure;

    CaptureWriter(String name, CaptureFiles files, List<CaptureQueue> queues) {
        this.files = files;
        this.queues = queues;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (files) {
            writeUntilStopped();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void writeUntilStopped() {
        while (true) {
            boolean last = stopping; // read first: all that was sent before is written after
            if (!writeWhatIsThere()) {
                if (last) {
                    return;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private boolean writeWhatIsThere() {
        boolean any = false;
        for (CaptureQueue queue : queues) {
            RecordRing ring = queue.ring();
            int length = ring.available();
            if (length > 0) {
                files.write(ring.next(), length);
                ring.remove(length);
                any = true;
            }
        }
        return any;
    }

    /// What made it stop writing, if anything did.
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    /// Writes what has been sent, and ends the file.
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        Threads.join(thread);
    }
}
