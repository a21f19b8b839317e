package org.barewire.drivers.virtio;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.EventFd;
import org.barewire.drivers.vhost.VhostConnection;
import org.barewire.drivers.vhost.VhostMessage;
import org.barewire.drivers.vhost.VhostRequest;
import org.barewire.drivers.vhost.VirtioNet;

/// The front end's side of one vhost-user connection: negotiates features, shares memory, hands over rings.
///
/// Belongs to who holds the port's lock.
final class VhostSession implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 5000;
    private static final long USABLE = VirtioNet.F_VERSION_1 | VirtioNet.F_ANY_LAYOUT;
    private static final int PACKED_START = 1 << 15 | 1 << 31; // both indexes 0, both wrap counters 1

    private final VhostConnection connection;
    private long offered;
    private long protocol;

    VhostSession(VhostConnection connection) {
        this.connection = connection;
    }

    /// Learns what the peer can do; returns the features of both sides.
    ///
    /// @param queues as many of each kind as are needed
    /// @throws DeviceException if the peer can't do with that, or does not answer as it should
    long negotiate(long wanted, int queues) {
        connection.send(VhostMessage.of(VhostRequest.SET_OWNER));
        offered = ask(VhostRequest.GET_FEATURES);
        if ((offered & USABLE) == 0) {
            throw new DeviceException("the vhost-user peer has neither VERSION_1 nor ANY_LAYOUT, which are needed");
        }
        if ((offered & VhostRequest.F_PROTOCOL_FEATURES) != 0) {
            protocol = ask(VhostRequest.GET_PROTOCOL_FEATURES)
                    & (VhostRequest.PROTOCOL_MQ | VhostRequest.PROTOCOL_REPLY_ACK);
            connection.send(VhostMessage.ofLongs(VhostRequest.SET_PROTOCOL_FEATURES, protocol));
        }
        long most = (protocol & VhostRequest.PROTOCOL_MQ) != 0 ? ask(VhostRequest.GET_QUEUE_NUM) : 1;
        if (most < queues) {
            throw new DeviceException(
                    "the vhost-user peer has %d queues, and %d are wanted; start it with more".formatted(most, queues));
        }
        return offered & wanted;
    }

    /// Sets the features, and shares memory. Each ring's call descriptor goes first: it makes the peer
    /// allocate the ring.
    ///
    /// @param calls of the rings in turn
    void prepare(long features, List<EventFd> calls, VhostMessage memory) {
        for (int ring = 0; ring < calls.size(); ring++) {
            connection.send(VhostMessage.ofRingFd(
                    VhostRequest.SET_VRING_CALL, ring, calls.get(ring).fd()));
        }
        long all = features | offered & VhostRequest.F_PROTOCOL_FEATURES;
        connection.send(VhostMessage.ofLongs(VhostRequest.SET_FEATURES, all));
        share(memory);
    }

    /// Shares memory, in place of all that was shared before.
    void share(VhostMessage memory) {
        sendAcknowledged(memory);
    }

    /// Hands over a ring. Its kick descriptor goes last: with that the ring starts.
    void start(int ring, RingLayout layout, EventFd kick) {
        connection.send(VhostMessage.ofRing(VhostRequest.SET_VRING_NUM, ring, layout.size()));
        connection.send(VhostMessage.ofRing(VhostRequest.SET_VRING_BASE, ring, layout.packed() ? PACKED_START : 0));
        connection.send(VhostMessage.ofLongs(
                VhostRequest.SET_VRING_ADDR, ring, layout.descriptors(), layout.device(), layout.driver(), 0));
        connection.send(VhostMessage.ofRingFd(VhostRequest.SET_VRING_KICK, ring, kick.fd()));
    }

    /// Enables rings, which are disabled at first if protocol features were negotiated.
    void enable(int rings) {
        if ((offered & VhostRequest.F_PROTOCOL_FEATURES) != 0) {
            for (int ring = 0; ring < rings; ring++) {
                sendAcknowledged(VhostMessage.ofRing(VhostRequest.SET_VRING_ENABLE, ring, 1));
            }
        }
    }

    /// Stops rings: the peer does not touch them, nor their buffers, when this returns.
    void stop(int rings) {
        for (int ring = 0; ring < rings; ring++) {
            connection.send(VhostMessage.ofRing(VhostRequest.GET_VRING_BASE, ring, 0));
            reply(VhostRequest.GET_VRING_BASE);
        }
    }

    int fd() {
        return connection.fd();
    }

    /// Takes what the peer sends by itself, of which nothing is expected; false when the connection has
    /// ended.
    boolean isAlive() {
        VhostMessage message;
        while ((message = connection.receive()) != null) {
            message.close();
        }
        return connection.isOpen();
    }

    @Override
    public void close() {
        connection.close();
    }

    /// Sends a message, and waits until the peer has done as it says, if the peer can tell.
    private void sendAcknowledged(VhostMessage message) {
        boolean acknowledges = (protocol & VhostRequest.PROTOCOL_REPLY_ACK) != 0;
        connection.send(acknowledges ? message.withFlags(VhostRequest.NEED_REPLY) : message);
        if (acknowledges && reply(message.request()) != 0) {
            throw new DeviceException("the vhost-user peer refuses request %d".formatted(message.request()));
        }
    }

    private long ask(int request) {
        connection.send(VhostMessage.of(request));
        return reply(request);
    }

    private long reply(int request) {
        try (VhostMessage message = connection.await(PATIENCE_MILLIS)) {
            if (message.request() != request || !message.isReply() || message.size() != 8) {
                throw new DeviceException(
                        "the vhost-user peer answered request %d with %s".formatted(request, message));
            }
            return message.getLong(0);
        }
    }
}
