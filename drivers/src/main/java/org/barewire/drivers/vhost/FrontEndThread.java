package org.barewire.drivers.vhost;

import org.barewire.core.device.DeviceException;
import org.barewire.core.device.LinkState;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.drivers.Threads;
import org.jspecify.annotations.Nullable;

/// The control plane: finds a front end, answers it, and finds the next one when it is gone. One at a time; others
/// wait in the socket's backlog.
///
/// The thread's own work and everything that other threads ask for is done under this object's lock. Only this thread
/// and the queues' own touch a front end's memory.
final class FrontEndThread implements AutoCloseable {
    private static final int WAKE = 0;
    private static final int SOCKET = 1;
    private static final int RETRY_MILLIS = 1000; // until a connection can be accepted again, perhaps
    private static final String FAULT = "memory that it has taken away";

    private final String path;
    private final long features;
    private final int reconnectMillis; // 0: never again
    private final @Nullable VhostQueue[] queues;
    private final @Nullable UnixSocket listener; // null: this end connects
    private final EventFd wake = EventFd.create();
    private final Thread thread;
    private @Nullable FrontEnd frontEnd;
    private boolean tried;
    private boolean failing; // there is something wrong on this side, as a shortage of descriptors
    private boolean closing;
    private String reason = "";
    private long connections;
    private long protocolErrors;

    /// @param features offered virtio features
    /// @param rings    how many rings a front end can have
    FrontEndThread(String path, long features, int rings, boolean client, int reconnectMillis) {
        this.path = path;
        this.features = features;
        this.reconnectMillis = reconnectMillis;
        this.queues = new @Nullable VhostQueue[rings];
        try {
            this.listener = client ? null : UnixSocket.listen(UnixSocket.Type.STREAM, path);
        } catch (LinuxException e) {
            wake.close();
            throw new DeviceException("vhost-user:%s: %s".formatted(path, e.getMessage()), e);
        }
        this.reason = "no front end has connected to " + path;
        this.thread = Thread.ofPlatform().daemon().name("vhost-user " + path).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        Poll poll = new Poll(2);
        poll.set(WAKE, wake.fd(), Poll.IN);
        while (goOn()) {
            poll.set(SOCKET, socket(), Poll.IN);
            poll.await(patience());
            wake.drain();
        }
    }

    private boolean goOn() {
        try {
            return step();
        } catch (InternalError e) { // what the JVM makes of SIGBUS, at some safepoint after it
            disconnect(FAULT);
            return true;
        }
    }

    private synchronized int socket() {
        if (frontEnd != null) {
            return frontEnd.fd();
        }
        return listener == null || failing ? -1 : listener.fd();
    }

    /// How long to wait for something to happen, in milliseconds; -1 for ever.
    private synchronized int patience() {
        if (frontEnd != null) {
            return -1;
        }
        if (listener != null) {
            return failing ? RETRY_MILLIS : -1;
        }
        return reconnectMillis > 0 ? reconnectMillis : -1;
    }

    /// Does what there is to do; false when the device has been closed.
    private synchronized boolean step() {
        if (closing) {
            return false;
        }
        if (frontEnd == null) {
            find();
        }
        if (frontEnd != null) {
            try {
                serve(frontEnd);
            } catch (ProtocolException | LinuxException | DeviceException e) {
                disconnect(String.valueOf(e.getMessage()));
            }
        }
        return true;
    }

    private void serve(FrontEnd current) {
        for (int ring = 0; ring < queues.length; ring++) {
            VhostQueue queue = queues[ring];
            if (queue != null) {
                current.attach(ring, queue);
                if (queue.isFaulty()) {
                    throw new ProtocolException(FAULT);
                }
            }
        }
        if (!current.handleMessages()) {
            lose("the front end at %s is gone".formatted(path));
        }
    }

    private void find() {
        failing = false;
        try {
            UnixSocket socket = listener == null ? connect() : listener.accept();
            if (socket != null) {
                frontEnd = new FrontEnd(new VhostConnection(socket), features, queues);
                connections++;
                reason = "the front end at %s has not started its queues".formatted(path);
            }
        } catch (LinuxException e) {
            failing = true;
            reason = String.valueOf(e.getMessage());
        }
    }

    private @Nullable UnixSocket connect() {
        if (tried && reconnectMillis == 0) {
            return null;
        }
        tried = true;
        return UnixSocket.connect(UnixSocket.Type.STREAM, path);
    }

    /// Gives a queue its ring, soon or when the front end has one.
    void attach(int ring, VhostQueue queue) {
        queue.reportFaultsTo(wake::signal);
        synchronized (this) {
            queues[ring] = queue;
        }
        wake.signal();
    }

    /// What a front end does wrong ends its connection, and nothing else.
    private synchronized void disconnect(String because) {
        protocolErrors++;
        lose("the front end at %s was disconnected because of %s".formatted(path, because));
    }

    private void lose(String why) {
        if (frontEnd != null) {
            frontEnd.close();
            frontEnd = null;
        }
        reason = why;
    }

    synchronized LinkState link() {
        return frontEnd != null && frontEnd.isUp() ? LinkState.up(0) : LinkState.down(reason);
    }

    synchronized long connections() {
        return connections;
    }

    synchronized long protocolErrors() {
        return protocolErrors;
    }

    /// Ends the connection and the thread.
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            lose("vhost-user:%s is closed".formatted(path));
        }
        wake.signal();
        Threads.join(thread);
        if (listener != null) {
            listener.close();
        }
        wake.close();
    }
}
