package org.barewire.drivers.vhost;

import org.barewire.core.linux.EventFd;
import org.jspecify.annotations.Nullable;

/// A connected front end: its messages are answered, its memory mapped, its rings started and stopped.
///
/// Everything is called under the lock of the {@link FrontEndThread}. What the protocol does not allow throws
/// {@link ProtocolException}, whereupon the connection is closed.
final class FrontEnd implements AutoCloseable {
    /// The most descriptors of a ring (2.7, 2.8).
    static final int MOST_DESCRIPTORS = 32768;

    private static final int BATCH = 64; // messages that are handled without a look at anything else

    private static final int DRIVER_OK = 4; // of the device status (2.1)
    private static final int ADDRESSES = 40; // u32 ring, u32 flags, u64 descriptors, u64 used, u64 available, u64 log
    private static final int LOG = 1; // in the flags of those

    private final VhostConnection connection;
    private final long offered;
    private final RingState[] rings;
    private GuestMemory memory = GuestMemory.NONE;
    private long features;
    private long protocolFeatures;
    private int status;
    private @Nullable InflightFile inflight;

    /// @param offered virtio features
    /// @param queues  of each ring, as far as there are
    FrontEnd(VhostConnection connection, long offered, @Nullable VhostQueue[] queues) {
        this.connection = connection;
        this.offered = offered;
        this.rings = new RingState[queues.length];
        for (int i = 0; i < rings.length; i++) {
            rings[i] = new RingState(this, i, queues[i]);
        }
    }

    int fd() {
        return connection.fd();
    }

    long features() {
        return features;
    }

    boolean has(long feature) {
        return (features & feature) != 0;
    }

    GuestMemory memory() {
        return memory;
    }

    /// Whether the driver is there, as far as the front end tells.
    boolean isDriverReady() {
        return (protocolFeatures & VhostRequest.PROTOCOL_STATUS) == 0 || (status & DRIVER_OK) != 0;
    }

    /// Whether the first pair of rings is in use.
    boolean isUp() {
        return rings[0].isReady() && rings[1].isReady();
    }

    void attach(int ring, VhostQueue queue) {
        rings[ring].attach(queue);
    }

    /// Handles messages that have come, though not without end; false if the connection has ended.
    boolean handleMessages() {
        for (int i = 0; i < BATCH; i++) {
            VhostMessage message = connection.receive();
            if (message == null) {
                return connection.isOpen();
            }
            try (VhostMessage open = message) {
                handle(open);
            }
        }
        return true;
    }

    private void handle(VhostMessage message) {
        if (replies(message)) {
            return;
        }
        boolean acknowledge = (message.flags() & VhostRequest.NEED_REPLY) != 0
                && (protocolFeatures & VhostRequest.PROTOCOL_REPLY_ACK) != 0;
        try {
            apply(message);
        } catch (RuntimeException e) {
            if (acknowledge) {
                reply(message, 1);
            }
            throw e;
        }
        if (acknowledge) {
            reply(message, 0);
        }
    }

    /// Answers a request that has an answer of its own.
    private boolean replies(VhostMessage message) {
        switch (message.request()) {
            case VhostRequest.GET_FEATURES -> reply(message, offered);
            case VhostRequest.GET_PROTOCOL_FEATURES -> reply(message, Features.PROTOCOL);
            case VhostRequest.GET_QUEUE_NUM -> reply(message, rings.length / 2);
            case VhostRequest.GET_MAX_MEM_SLOTS -> reply(message, GuestMemory.MOST_REGIONS);
            case VhostRequest.GET_STATUS -> reply(message, status);
            case VhostRequest.GET_VRING_BASE -> endRing(message);
            case VhostRequest.GET_INFLIGHT_FD -> InflightFile.create(message, connection, rings.length);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void apply(VhostMessage message) {
        switch (message.request()) {
            case VhostRequest.SET_OWNER -> {}
            case VhostRequest.RESET_OWNER -> disableRings();
            case VhostRequest.SET_FEATURES -> setFeatures(number(message));
            case VhostRequest.SET_PROTOCOL_FEATURES -> setProtocolFeatures(number(message));
            case VhostRequest.SET_MEM_TABLE -> setMemory(GuestMemory.map(message));
            case VhostRequest.ADD_MEM_REG -> setMemory(memory.with(message));
            case VhostRequest.REM_MEM_REG -> setMemory(memory.without(message));
            case VhostRequest.SET_VRING_NUM -> setRingSize(message);
            case VhostRequest.SET_VRING_ADDR -> setRingAddresses(message);
            case VhostRequest.SET_VRING_BASE -> setRingBase(message);
            case VhostRequest.SET_VRING_ENABLE -> enableRing(message);
            case VhostRequest.SET_VRING_KICK, VhostRequest.SET_VRING_CALL, VhostRequest.SET_VRING_ERR ->
                setRingEvent(message);
            case VhostRequest.SET_INFLIGHT_FD -> setInflight(InflightFile.map(message));
            case VhostRequest.SET_STATUS -> setStatus((int) number(message));
            default -> throw new ProtocolException("a request that was not offered: " + message);
        }
    }

    private void setFeatures(long wanted) {
        if ((wanted & ~offered) != 0) {
            throw new ProtocolException("features 0x%x that were not offered".formatted(wanted & ~offered));
        }
        if (wanted != features) {
            stopRings();
            features = wanted;
        }
        startRings();
    }

    private void setProtocolFeatures(long wanted) {
        if ((wanted & ~Features.PROTOCOL) != 0) {
            throw new ProtocolException(
                    "protocol features 0x%x that were not offered".formatted(wanted & ~Features.PROTOCOL));
        }
        protocolFeatures = wanted;
    }

    private void setStatus(int status) {
        stopRings();
        this.status = status;
        startRings();
    }

    /// @param table is this object's from now on, whatever happens
    private void setMemory(GuestMemory table) {
        stopRings();
        GuestMemory before = memory;
        memory = table;
        before.unmapAllBut(table);
        startRings();
    }

    private void setRingSize(VhostMessage message) {
        RingState ring = ring(message);
        int size = message.getInt(4);
        if (size <= 0 || size > MOST_DESCRIPTORS) {
            throw new ProtocolException("a ring of %d descriptors".formatted(size));
        }
        ring.stop();
        ring.setSize(size);
        ring.start();
    }

    private void setRingAddresses(VhostMessage message) {
        ProtocolException.unlessSize(message, ADDRESSES);
        RingState ring = ring(message);
        if ((message.getInt(4) & LOG) != 0) {
            throw new ProtocolException("a log of changes for migration, which was not offered");
        }
        ring.stop();
        ring.setAddresses(message.getLong(8), message.getLong(24), message.getLong(16));
        ring.start();
    }

    private void setRingBase(VhostMessage message) {
        RingState ring = ring(message);
        ring.stop();
        ring.setBase(message.getInt(4) & 0xFFFF); // the upper half of a packed ring's is the same: all is in order
        ring.start();
    }

    private void endRing(VhostMessage message) {
        RingState ring = ring(message);
        ring.end();
        int base = ring.base();
        int answer = has(VirtioNet.F_RING_PACKED) ? base | base << 16 : base;
        connection.send(VhostMessage.ofRing(message.request(), message.getInt(0), answer)
                .withFlags(VhostRequest.REPLY));
    }

    private void enableRing(VhostMessage message) {
        RingState ring = ring(message);
        ring.stop();
        ring.setEnabled(message.getInt(4) != 0);
        ring.start();
    }

    private void setRingEvent(VhostMessage message) {
        int wanted = (int) number(message);
        int index = wanted & VhostRequest.RING_MASK;
        boolean none = (wanted & VhostRequest.NO_FD) != 0;
        ProtocolException.unlessFds(message, none ? 0 : 1);
        RingState ring = ring(index);
        EventFd event = none ? null : EventFd.adopt(message.takeFd());
        ring.stop();
        switch (message.request()) {
            case VhostRequest.SET_VRING_KICK -> ring.setKick(event);
            case VhostRequest.SET_VRING_CALL -> ring.setCall(event);
            default -> ring.setError(event);
        }
        ring.start();
    }

    private void setInflight(InflightFile file) {
        stopRings();
        closeInflight();
        inflight = file;
        startRings();
    }

    /// The note on a ring's chains in use, if the front end keeps one.
    @Nullable
    Inflight inflight(int ring, int size) {
        return inflight == null ? null : inflight.of(ring, size);
    }

    private void disableRings() {
        for (RingState ring : rings) {
            ring.stop();
            ring.setEnabled(false);
        }
    }

    private void stopRings() {
        for (RingState ring : rings) {
            ring.stop();
        }
    }

    private void startRings() {
        for (RingState ring : rings) {
            ring.start();
        }
    }

    /// The ring that a message is about, by the first of its two `u32`.
    private RingState ring(VhostMessage message) {
        ProtocolException.unlessSize(message, 8);
        return ring(message.getInt(0));
    }

    private RingState ring(int index) {
        if (index < 0 || index >= rings.length) {
            throw new ProtocolException("ring %d of a device with rings 0 to %d; open it with more queues="
                    .formatted(index, rings.length - 1));
        }
        return rings[index];
    }

    private static long number(VhostMessage message) {
        ProtocolException.unlessSize(message, 8);
        return message.getLong(0);
    }

    private void reply(VhostMessage request, long answer) {
        connection.send(VhostMessage.ofLongs(request.request(), answer).withFlags(VhostRequest.REPLY));
    }

    private void closeInflight() {
        if (inflight != null) {
            inflight.close();
            inflight = null;
        }
    }

    /// Takes the rings from their queues, and gives back the memory, the descriptors and the connection.
    @Override
    public void close() {
        for (RingState ring : rings) {
            ring.close();
        }
        closeInflight();
        memory.unmapAllBut(GuestMemory.NONE);
        memory = GuestMemory.NONE;
        connection.close();
    }
}
