package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.UnixSocket;

/// A front end that is played by hand: what it sends is the test's to say.
final class PlayedFrontEnd implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    final UnixSocket socket;
    final VhostConnection connection;
    private final List<EventFd> events = List.of(EventFd.create(), EventFd.create());
    final EventFd kick = EventFd.create(); // of all rings

    PlayedFrontEnd(String path) {
        socket = UnixSocket.connect(UnixSocket.Type.STREAM, path);
        connection = new VhostConnection(socket);
    }

    void send(VhostMessage message) {
        connection.send(message);
    }

    /// The `u64` that answers a request.
    long ask(VhostMessage message) {
        send(message);
        try (VhostMessage reply = connection.await(PATIENCE_MILLIS)) {
            assertThat(reply.request()).isEqualTo(message.request());
            assertThat(reply.isReply()).isTrue();
            return reply.getLong(0);
        }
    }

    /// Sends a message that has to be accepted.
    void accepted(VhostMessage message) {
        assertThat(ask(message.withFlags(VhostRequest.NEED_REPLY)))
                .as(message::toString)
                .isZero();
    }

    /// As far as the features; acknowledgments and notes on chains in flight are agreed on.
    void negotiate(long features) {
        send(VhostMessage.of(VhostRequest.SET_OWNER));
        long offered = ask(VhostMessage.of(VhostRequest.GET_FEATURES));
        assertThat(offered & features).isEqualTo(features);
        send(VhostMessage.ofLongs(
                VhostRequest.SET_PROTOCOL_FEATURES,
                VhostRequest.PROTOCOL_REPLY_ACK
                        | VhostRequest.PROTOCOL_INFLIGHT_SHMFD
                        | VhostRequest.PROTOCOL_CONFIGURE_MEM_SLOTS));
        accepted(VhostMessage.ofLongs(VhostRequest.SET_FEATURES, features | VhostRequest.F_PROTOCOL_FEATURES));
    }

    /// A memory table, of regions of four numbers each.
    static VhostMessage table(int count, List<Integer> fds, long... regions) {
        long[] numbers =
                LongStream.concat(LongStream.of(count), Arrays.stream(regions)).toArray();
        byte[] payload = VhostMessage.ofLongs(0, numbers).payload();
        return VhostMessage.ofBytes(
                VhostRequest.SET_MEM_TABLE,
                payload,
                fds.stream().mapToInt(Integer::intValue).toArray());
    }

    /// The guest's whole memory.
    static VhostMessage table(Guest guest) {
        return table(
                2,
                guest.files,
                Guest.START,
                Guest.REGION,
                Guest.USER,
                0,
                Guest.START + Guest.REGION,
                Guest.REGION,
                Guest.USER + 4 * Guest.REGION,
                0);
    }

    /// The addresses of a ring of {@link Guest#SIZE}.
    static VhostMessage addresses(int ring) {
        return VhostMessage.ofLongs(
                VhostRequest.SET_VRING_ADDR,
                ring,
                Guest.USER + Guest.descriptors(ring) - Guest.START,
                Guest.USER + Guest.used(ring) - Guest.START,
                Guest.USER + Guest.available(ring) - Guest.START,
                0);
    }

    /// Starts a ring of {@link Guest#SIZE}.
    void ring(int ring, int base) {
        accepted(VhostMessage.ofRing(VhostRequest.SET_VRING_NUM, ring, Guest.SIZE));
        accepted(VhostMessage.ofRing(VhostRequest.SET_VRING_BASE, ring, base));
        accepted(addresses(ring));
        accepted(VhostMessage.ofRingFd(
                VhostRequest.SET_VRING_CALL, ring, events.get(ring % 2).fd()));
        accepted(VhostMessage.ofRingFd(VhostRequest.SET_VRING_KICK, ring, kick.fd()));
        accepted(VhostMessage.ofRing(VhostRequest.SET_VRING_ENABLE, ring, 1));
    }

    /// As far as two live rings.
    void start(Guest guest, long features) {
        negotiate(features);
        accepted(table(guest));
        int base = (features & VirtioNet.F_RING_PACKED) == 0 ? 0 : 1 << 15;
        ring(0, base);
        ring(1, base);
    }

    /// Goes, as when its process is killed: without a word.
    @Override
    public void close() {
        connection.close();
        events.forEach(EventFd::close);
        kick.close();
    }
}
