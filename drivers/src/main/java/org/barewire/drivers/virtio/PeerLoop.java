package org.barewire.drivers.virtio;

import static org.barewire.drivers.virtio.RingLayout.APART;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.LinkState;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;
import org.barewire.drivers.Threads;
import org.barewire.drivers.vhost.VhostConnection;
import org.barewire.drivers.vhost.VirtioNet;
import org.jspecify.annotations.Nullable;

/// Finds the vhost-user peer, gives it rings, notices when it goes away, and begins anew; in a thread of
/// its own.
///
/// When the port is closed, the peer is told to stop the rings, and says that it has. When the connection
/// ends otherwise, its rings are taken from the queues and their buffers go back to the pools. What is
/// assumed: a peer that has closed its socket writes to our memory no longer. A peer that was killed can't:
/// the kernel closes the socket after its last thread has stopped. One that lives on has {@link
/// #GRACE_MILLIS} to finish what it was doing. If it writes nevertheless, it damages packets, but nothing
/// of ours: it can reach packet memory only, which stays mapped.
final class PeerLoop implements DmaMapper, AutoCloseable {
    private static final int GRACE_MILLIS = 50;
    private static final int RETRY_MILLIS = 100;

    private final String path;
    private final VirtioOptions options;
    private final DeviceConfig config;
    private final QueuePairs queues;
    private final List<EventFd> kicks = new ArrayList<>(); // of all rings; live as long as the queues, which use them
    private final EventFd noCall; // of the send rings, which have no use for it, but the peer wants one
    private final EventFd wake;
    private final @Nullable UnixSocket listener;
    private final Thread thread;
    private final MemoryTable table = new MemoryTable(); // guarded by this, as is:
    private @Nullable VhostSession session; // that knows the memory
    private @Nullable String failure; // of the session, noticed by another thread
    private volatile LinkState link = LinkState.down("no vhost-user peer has been there yet");
    private volatile String negotiated = "";
    private volatile boolean closed;

    /// Does not start yet: see {@link #start}.
    ///
    /// @param server wait for a peer that connects, instead of connecting
    PeerLoop(String path, boolean server, VirtioOptions options, DeviceConfig config, QueuePairs queues) {
        this.path = path;
        this.options = options;
        this.config = config;
        this.queues = queues;
        this.listener = server ? UnixSocket.listen(UnixSocket.Type.STREAM, path) : null;
        try {
            this.noCall = EventFd.create();
            this.wake = EventFd.create();
            for (int ring = 0; ring < 2 * queues.size(); ring++) {
                kicks.add(EventFd.create());
            }
        } catch (LinuxException e) {
            kicks.forEach(EventFd::close);
            if (listener != null) {
                listener.close();
            }
            throw e;
        }
        this.thread = Thread.ofPlatform().daemon().name("virtio-user " + path).unstarted(this::run);
    }

    /// Starts to look for the peer.
    void start() {
        thread.start();
    }

    LinkState link() {
        return link;
    }

    /// What the last connection agreed on, for people.
    String negotiated() {
        return negotiated;
    }

    @Override
    public synchronized void map(Region region) {
        table.add(region);
        share();
    }

    @Override
    public synchronized void unmap(Region region) {
        table.remove(region);
        share();
    }

    /// Tells a peer that runs already of the memory as it is now. If it can't be told, the session ends.
    private void share() {
        if (session != null) {
            try {
                session.share(table.message());
            } catch (DeviceException | LinuxException e) {
                failure = reason(e);
                session = null;
                wake.signal();
            }
        }
    }

    /// Stops: the queues have no rings then, except for what they are offered. The queues' threads have
    /// stopped.
    @Override
    public void close() {
        closed = true;
        wake.signal();
        Threads.join(thread);
        if (listener != null) {
            listener.close();
        }
        kicks.forEach(EventFd::close);
        noCall.close();
        wake.close();
    }

    private void run() {
        while (!closed) {
            UnixSocket socket = listener != null ? accept(listener) : connect();
            if (socket != null) {
                serve(socket);
            }
        }
    }

    private @Nullable UnixSocket accept(UnixSocket listener) {
        awaitOrWake(listener.fd(), -1);
        return listener.accept();
    }

    private @Nullable UnixSocket connect() {
        try {
            return UnixSocket.connect(UnixSocket.Type.STREAM, path);
        } catch (LinuxException e) {
            boolean nobody = e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED;
            link = LinkState.down(nobody ? "no vhost-user peer listens at " + path : reason(e));
            awaitOrWake(-1, RETRY_MILLIS);
            return null;
        }
    }

    private void serve(UnixSocket socket) {
        String reason = "the vhost-user peer has closed the connection";
        try (VhostSession session = new VhostSession(new VhostConnection(socket))) {
            begin(session);
            while (!closed && isAlive(session)) {
                awaitOrWake(session.fd(), -1);
            }
            if (closed) {
                stop(session);
            }
        } catch (DeviceException | LinuxException e) {
            reason = reason(e);
        }
        synchronized (this) {
            session = null;
            reason = failure == null ? reason : failure;
            failure = null;
        }
        link = LinkState.down(reason);
        if (!closed) {
            wake.drain();
        }
        awaitOrWake(-1, GRACE_MILLIS);
        queues.withdrawRings();
        awaitOrWake(-1, RETRY_MILLIS);
    }

    /// With the lock: another thread may be waiting for the answer to what it sent.
    private synchronized boolean isAlive(VhostSession session) {
        return failure == null && session.isAlive();
    }

    private synchronized void stop(VhostSession session) {
        if (session.isAlive()) {
            session.stop(2 * queues.size());
        }
    }

    private void begin(VhostSession session) {
        long features = session.negotiate(options.wanted(config), queues.size());
        boolean mergeable = (features & VirtioNet.F_MRG_RXBUF) != 0;
        if (!mergeable && queues.rx(0).pool().capacity() < config.maxFrameLength()) {
            throw new DeviceException("the vhost-user peer can't merge receive buffers; open with mergeable=no");
        }
        List<OfferedRing> rings = offerRings(features);
        List<EventFd> calls = rings.stream().map(OfferedRing::call).toList();
        synchronized (this) {
            session.prepare(features, calls, table.message());
            for (int ring = 0; ring < rings.size(); ring++) {
                session.start(ring, rings.get(ring).layout(), kicks.get(ring));
            }
            session.enable(rings.size());
            this.session = session;
        }
        negotiated = "%s rings, features 0x%x"
                .formatted((features & VirtioNet.F_RING_PACKED) != 0 ? "packed" : "split", features);
        link = LinkState.up(0);
    }

    /// Where a queue's new ring is, and what the peer signals when the ring wants interrupts.
    private record OfferedRing(RingLayout layout, EventFd call) {}

    /// Gives each queue a new ring, receive and send rings in turn, and returns them. Not with the lock
    /// held: packet memory may have to grow for them, which leads to {@link #map}.
    private List<OfferedRing> offerRings(long features) {
        boolean packed = (features & VirtioNet.F_RING_PACKED) != 0;
        int longest = config.maxFrameLength();
        List<OfferedRing> rings = new ArrayList<>();
        for (int i = 0; i < queues.size(); i++) {
            VirtioRxQueue in = queues.rx(i);
            RingLayout layout =
                    RingLayout.allocate(config.memory(), config.numaNode(), packed, options.rxSize(), APART, false);
            Notifier notifier = kicks.get(2 * i)::signal;
            EventFd call = EventFd.create();
            in.offer(RxRing.create(layout, features, in.pool(), longest, notifier, in.counters()), call);
            rings.add(new OfferedRing(layout, call));
            VirtioTxQueue out = queues.tx(i);
            layout = RingLayout.allocate(config.memory(), config.numaNode(), packed, options.txSize(), APART, true);
            notifier = kicks.get(2 * i + 1)::signal;
            out.offer(TxRing.create(layout, features, longest, notifier, out.counters()));
            rings.add(new OfferedRing(layout, noCall));
        }
        return rings;
    }

    private static String reason(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }

    /// Waits for a descriptor, for the time, or for {@link #close}, whichever comes first.
    private void awaitOrWake(int fd, int timeoutMillis) {
        Poll poll = new Poll(2);
        poll.set(0, fd, Poll.IN);
        poll.set(1, wake.fd(), Poll.IN);
        poll.await(timeoutMillis);
    }
}
