package org.barewire.drivers.memif;

import java.util.concurrent.atomic.AtomicLong;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.drivers.Threads;
import org.jspecify.annotations.Nullable;

/// The control thread of a port: makes a connection, waits for its end, and makes the next.
final class Connector implements AutoCloseable {
    private static final int PAUSE_MILLIS = 50; // before a client tries again

    private final MemifPort port;
    private final String path;
    private final EventFd stop = EventFd.create();
    private final Poll stopped = Poll.of(stop.fd(), Poll.IN);
    private final @Nullable UnixSocket listener; // a server's
    private final Thread thread;
    private volatile String reason = "nobody has connected yet"; // empty while there is a connection
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    /// @throws LinuxException if a server cannot listen
    Connector(MemifPort port, String path) {
        this.port = port;
        this.path = path;
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("barewire-memif-" + port.interfaceName())
                .unstarted(this::run);
        try {
            listener = port.options().role() == MemifOptions.Role.SERVER
                    ? UnixSocket.listen(UnixSocket.Type.SEQPACKET, path)
                    : null;
        } catch (LinuxException e) {
            stop.close();
            throw e;
        }
    }

    void start() {
        thread.start();
    }

    /// Why there is no connection; empty if there is one.
    String reason() {
        return reason;
    }

    /// How many there have been.
    long connections() {
        return connections.get();
    }

    /// How many have not come about though there was another side.
    long failures() {
        return failures.get();
    }

    private void run() {
        while (stopped.await(0) == 0) {
            UnixSocket socket = listener == null ? connect() : accept(listener);
            if (socket != null && !serve(socket)) {
                stopped.await(PAUSE_MILLIS);
            }
        }
    }

    private @Nullable UnixSocket connect() {
        try {
            return UnixSocket.connect(UnixSocket.Type.SEQPACKET, path);
        } catch (LinuxException e) {
            reason = "nobody listens there: " + e.getMessage();
            stopped.await(PAUSE_MILLIS);
            return null;
        }
    }

    private @Nullable UnixSocket accept(UnixSocket listening) {
        Poll poll = new Poll(2);
        poll.set(0, listening.fd(), Poll.IN);
        poll.set(1, stop.fd(), Poll.IN);
        poll.await(-1);
        try {
            return poll.happened(0) == 0 ? null : listening.accept();
        } catch (LinuxException e) { // too many open files, which may pass
            reason = String.valueOf(e.getMessage());
            stopped.await(PAUSE_MILLIS);
            return null;
        }
    }

    /// Makes a connection and waits for its end; false if it did not come about.
    private boolean serve(UnixSocket socket) {
        boolean established = false;
        try (Channel channel = new Channel(socket, stop)) {
            try (Peer peer = new Peer()) {
                if (listener == null) {
                    new ClientSession(port, channel, peer).establish();
                } else {
                    new ServerSession(port, channel, peer).establish();
                }
                established = true;
                connections.incrementAndGet();
                reason = "";
                channel.awaitEnd(port::isFaulty);
            } catch (ProtocolException | LinuxException e) {
                reason = String.valueOf(e.getMessage());
            } catch (InternalError e) { // what the JVM makes of SIGBUS
                reason = "the other side has taken its memory away";
            }
            channel.sayGoodbye(reason);
        }
        if (!established) {
            failures.incrementAndGet();
        }
        return established;
    }

    /// Ends the connection, and the thread.
    @Override
    public void close() {
        stop.signal();
        Threads.join(thread);
        if (listener != null) {
            listener.close();
        }
        stop.close();
    }
}
