package org.barewire.drivers.afxdp;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.linux.XdpSocket;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// One queue of the device each way. Its buffers are there from the start, so that they lie beside those of
/// ports opened at the same time; its socket is made when the first of the two queues is asked for, so that it
/// registers them all.
final class Channel {
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final PacketMemory memory;
    private final int rxEntries;
    private final int txEntries;
    private final int longest;
    private final PacketPool pool;
    private final CopyBuffers copies;
    private @Nullable QueueSocket socket;
    private @Nullable AfxdpRxQueue rx;
    private @Nullable AfxdpTxQueue tx;

    /// @param longest the longest frame that may be sent
    Channel(DeviceConfig config, int slotSize, int longest) {
        this.memory = config.memory();
        this.rxEntries = config.rxDescriptors();
        this.txEntries = config.txDescriptors();
        this.longest = longest;
        this.pool = PacketPool.create(memory, rxEntries + config.poolSize() + txEntries, slotSize, config.numaNode());
        this.copies = new CopyBuffers(pool, txEntries);
    }

    @Nullable
    QueueSocket socket() {
        return socket;
    }

    @Nullable
    AfxdpRxQueue rx() {
        return rx;
    }

    @Nullable
    AfxdpTxQueue tx() {
        return tx;
    }

    /// Makes a socket of a descriptor, which it owns from then on, and binds it.
    QueueSocket bind(int fd, int interfaceIndex, int queue, int flags) {
        QueueSocket.Setup setup =
                new QueueSocket.Setup(interfaceIndex, queue, rxEntries, txEntries, pool.slotSize(), flags);
        QueueSocket bound = new QueueSocket(fd, setup, memory, pool.region());
        socket = bound;
        return bound;
    }

    AfxdpRxQueue startRx(QueueSocket bound) {
        AfxdpRxQueue started = new AfxdpRxQueue(bound.rings(), pool, rxEntries);
        started.start();
        rx = started;
        return started;
    }

    AfxdpTxQueue startTx(QueueSocket bound) {
        AfxdpTxQueue started = new AfxdpTxQueue(bound.rings(), copies, txEntries, longest);
        tx = started;
        return started;
    }

    /// Who reads and writes the packets, for people; empty as long as there is no socket.
    String mode() {
        if (socket == null) {
            return "";
        }
        return XdpSocket.isZeroCopy(socket.rings().fd()) ? "zero-copy" : "copy";
    }

    /// Lets sent packets leave, for a moment, gives the queue back to the kernel and the buffers to their
    /// pools.
    void close() {
        if (tx != null) {
            long start = System.nanoTime();
            while (tx.reclaim() > 0 && System.nanoTime() - start < DRAIN_NANOS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        if (socket != null) {
            socket.close();
        }
        if (rx != null) {
            rx.free();
        }
        if (tx != null) {
            tx.free();
        }
        copies.free();
        pool.close();
    }
}
