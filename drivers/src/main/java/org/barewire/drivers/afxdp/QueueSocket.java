package org.barewire.drivers.afxdp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.XdpSocket;
import org.barewire.core.linux.XdpSocket.Mapping;
import org.barewire.core.linux.XdpSocket.Ring;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// The AF_XDP socket of one queue: its memory and its four rings, bound to the queue.
final class QueueSocket {
    private static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /// How a socket is made.
    ///
    /// @param chunk     bytes of a buffer, 2048 or 4096
    /// @param bindFlags {@link XdpSocket#COPY} and the like
    record Setup(int interfaceIndex, int queue, int rxEntries, int txEntries, int chunk, int bindFlags) {}

    /// What the two queues work on.
    ///
    /// @param fd    the socket, for wake-ups
    /// @param chunk bytes of a buffer
    record Rings(int fd, int chunk, Umem umem, Mapping fill, Mapping completion, Mapping rx, Mapping tx) {}

    private final int fd;
    private final PacketMemory memory;
    private final List<Mapping> mappings = new ArrayList<>();
    private final Rings rings;

    /// Registers memory, makes the rings and binds. The socket is closed if that fails.
    ///
    /// @param fd  of {@link XdpSocket#open}, from now on this object's
    /// @param own where the queue's receive buffers are
    QueueSocket(int fd, Setup setup, PacketMemory memory, Region own) {
        this.fd = fd;
        this.memory = memory;
        try {
            this.rings = new Rings(
                    fd,
                    setup.chunk,
                    Umem.register(fd, memory, own, setup.chunk),
                    ring(Ring.FILL, setup.rxEntries),
                    ring(Ring.COMPLETION, setup.txEntries),
                    ring(Ring.RX, setup.rxEntries),
                    ring(Ring.TX, setup.txEntries));
            raiseBudget(setup.txEntries);
            bind(setup);
        } catch (RuntimeException e) {
            unmap();
            Fd.close(fd);
            throw e;
        }
        memory.attach(rings.umem);
    }

    private Mapping ring(Ring ring, int entries) {
        Mapping mapping = XdpSocket.makeRing(fd, ring, entries);
        mappings.add(mapping);
        return mapping;
    }

    /// One system call then sends a burst of any size; kernels before 6.18 need one for each 32 packets.
    private void raiseBudget(int entries) {
        try {
            XdpSocket.setBudget(fd, entries);
        } catch (LinuxException e) {
            // it stays at 32, which the send queue copes with
        }
    }

    /// The kernel lets go of a queue a while after its last socket was closed.
    private void bind(Setup setup) {
        long start = System.nanoTime();
        while (true) {
            try {
                XdpSocket.bind(fd, setup.interfaceIndex, setup.queue, setup.bindFlags);
                return;
            } catch (LinuxException e) {
                if (e.errno() != Errno.EBUSY || System.nanoTime() - start > BUSY_NANOS) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    Rings rings() {
        return rings;
    }

    /// Gives memory and queue back to the kernel, which reads and writes no packet any more afterwards.
    void close() {
        Fd.close(fd);
        unmap();
        memory.detach(rings.umem);
    }

    private void unmap() {
        mappings.forEach(Mapping::unmap);
    }
}
