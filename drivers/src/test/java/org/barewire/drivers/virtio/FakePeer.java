package org.barewire.drivers.virtio;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.drivers.vhost.VhostConnection;
import org.barewire.drivers.vhost.VhostMessage;
import org.barewire.drivers.vhost.VhostRequest;
import org.barewire.drivers.vhost.VirtioNet;
import org.jspecify.annotations.Nullable;

/// A vhost-user back end in the same process, whose features a test chooses. It finds the rings by our own
/// addresses.
final class FakePeer implements AutoCloseable {
    private final UnixSocket listener;
    private final long features;
    private final long protocol;
    private final int queues;
    private final Map<Integer, Integer> sizes = new ConcurrentSkipListMap<>();
    private final Map<Integer, RingDevice> rings = new ConcurrentSkipListMap<>();
    private final List<Integer> requests = new CopyOnWriteArrayList<>();
    private final Map<Integer, EventFd> calls = new ConcurrentSkipListMap<>();
    private final List<EventFd> allCalls = new CopyOnWriteArrayList<>();
    private volatile @Nullable VhostConnection connection;
    private volatile long accepted;
    private volatile int regions;
    private final AtomicInteger started = new AtomicInteger(); // rings, and once more when they are enabled
    private volatile boolean hungUp;
    private volatile boolean stop;

    FakePeer(String path, long features, long protocol, int queues) {
        this.listener = UnixSocket.listen(UnixSocket.Type.STREAM, path);
        this.features = features;
        this.protocol = protocol;
        this.queues = queues;
    }

    /// Takes a connection and answers its messages, from now on; waits until the front end has enabled
    /// `count` rings, or started them if it can't enable any, or has hung up.
    void serve(int count) {
        Poll.of(listener.fd(), Poll.IN).await(10_000);
        VhostConnection accepted = new VhostConnection(Objects.requireNonNull(listener.accept()));
        connection = accepted;
        started.set(0);
        hungUp = false;
        stop = false;
        Thread.ofPlatform().daemon().start(() -> answer(accepted));
        boolean enables = (features & VhostRequest.F_PROTOCOL_FEATURES) != 0;
        while (started.get() < (enables ? 2 * count : count) && !hungUp) {
            Thread.onSpinWait();
        }
    }

    /// Closes the connection itself, because a descriptor that is polled stays open.
    private void answer(VhostConnection connection) {
        try (connection) {
            Poll poll = Poll.of(connection.fd(), Poll.IN);
            while (!stop && connection.isOpen()) {
                VhostMessage message = connection.receive();
                if (message == null) {
                    poll.await(5);
                    continue;
                }
                requests.add(message.request());
                handle(connection, message);
                message.close();
                if (message.request() == VhostRequest.SET_VRING_KICK
                        || message.request() == VhostRequest.SET_VRING_ENABLE) {
                    started.incrementAndGet();
                }
            }
        } catch (DeviceException | LinuxException e) {
            requests.add(-1);
        }
        hungUp = true;
    }

    private void handle(VhostConnection connection, VhostMessage message) {
        switch (message.request()) {
            case VhostRequest.GET_FEATURES -> reply(connection, message, features);
            case VhostRequest.GET_PROTOCOL_FEATURES -> reply(connection, message, protocol);
            case VhostRequest.GET_VRING_BASE -> reply(connection, message, message.getLong(0));
            case VhostRequest.GET_QUEUE_NUM -> reply(connection, message, queues);
            case VhostRequest.SET_FEATURES -> accepted = message.getLong(0);
            case VhostRequest.SET_MEM_TABLE -> regions = message.fds();
            case VhostRequest.SET_VRING_CALL -> {
                EventFd call = EventFd.adopt(message.takeFd());
                allCalls.add(call);
                calls.put(message.getInt(0), call);
            }
            case VhostRequest.SET_VRING_NUM -> sizes.put(message.getInt(0), message.getInt(4));
            case VhostRequest.SET_VRING_ADDR -> {
                int ring = message.getInt(0);
                boolean packed = (accepted & VirtioNet.F_RING_PACKED) != 0;
                RingLayout layout = new RingLayout(
                        packed,
                        sizes.getOrDefault(ring, 0),
                        message.getLong(8),
                        message.getLong(24),
                        message.getLong(16),
                        0,
                        0);
                rings.put(ring, RingDevice.of(layout));
            }
            default -> {}
        }
        if ((message.flags() & VhostRequest.NEED_REPLY) != 0) {
            reply(connection, message, 0);
        }
    }

    private static void reply(VhostConnection connection, VhostMessage message, long value) {
        connection.send(VhostMessage.ofLongs(message.request(), value).withFlags(VhostRequest.REPLY));
    }

    /// Ring `index`: receive and send rings of the driver in turn.
    RingDevice ring(int index) {
        return Objects.requireNonNull(rings.get(index));
    }

    /// What the driver wants signalled when the ring has used a buffer. It is kept until the end, also when
    /// the driver has closed its own.
    EventFd call(int index) {
        return Objects.requireNonNull(calls.get(index));
    }

    /// The features that were agreed on.
    long accepted() {
        return accepted;
    }

    /// Pieces of memory that were shared.
    int regions() {
        return regions;
    }

    List<Integer> requests() {
        return requests;
    }

    /// Sends anything, as a peer that is out of its mind.
    void send(VhostMessage message) {
        Objects.requireNonNull(connection).send(message);
    }

    void hangUp() {
        stop = true;
        while (!hungUp) {
            Thread.onSpinWait();
        }
        rings.clear();
    }

    @Override
    public void close() {
        if (connection != null) {
            hangUp();
        }
        listener.close();
        allCalls.forEach(EventFd::close);
    }
}
