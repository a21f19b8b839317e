package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/// Lets the guest's kernel ping over a card, and answers at the wire's other end: what becomes of a card that was
/// given back.
final class Pinger {
    private static final int PINGS = 3;
    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final Duration QUIET = Duration.ofMillis(200);
    private static final int TURNS = 50;

    private Pinger() {}

    /// Has the kernel's interface of a PCI card send pings, answers them, and expects them to be counted.
    static void assertPings(Guest guest, int wire, String card) {
        guest.run(("d=$(ls /sys/bus/pci/devices/%s/virtio*/net); ip addr add 10.9.8.1/24 dev $d; ip link set $d up;"
                                + " ip neigh replace 10.9.8.2 lladdr 02:00:00:00:00:01 dev $d;"
                                + " (ping -n -i 0.5 -c %d -W 10 10.9.8.2 >/tmp/pings 2>&1; echo $? >/tmp/pinged) &")
                        .formatted(card, PINGS))
                .orFail();
        int answered = 0;
        for (int turn = 0; turn < TURNS && answered < PINGS; turn++) {
            for (byte[] frame : guest.wire(wire).collect(QUIET)) {
                if (isEchoRequest(frame)) {
                    guest.wire(wire).transmit(answer(frame));
                    answered++;
                }
            }
        }
        assertThat(guest.run("for i in $(seq 20); do [ -e /tmp/pinged ] && break; sleep 1; done; cat /tmp/pings;"
                                + " rm /tmp/pinged; ip addr flush dev $(ls /sys/bus/pci/devices/%s/virtio*/net)"
                                        .formatted(card))
                        .output())
                .contains("%d received".formatted(PINGS));
    }

    private static boolean isEchoRequest(byte[] frame) {
        return frame.length > ETHERNET + IPV4 && frame[12] == 8 && frame[13] == 0 && frame[23] == 1 && frame[34] == 8;
    }

    /// Addresses the other way round, and type 0: the checksum grows by what the type's word loses (RFC 792, 1624).
    private static byte[] answer(byte[] request) {
        byte[] reply = request.clone();
        System.arraycopy(request, 0, reply, 6, 6);
        System.arraycopy(request, 6, reply, 0, 6);
        System.arraycopy(request, ETHERNET + 12, reply, ETHERNET + 16, 4);
        System.arraycopy(request, ETHERNET + 16, reply, ETHERNET + 12, 4);
        reply[34] = 0;
        int sum = ((reply[36] & 0xFF) << 8 | reply[37] & 0xFF) + 0x0800;
        sum = (sum & 0xFFFF) + (sum >>> 16);
        reply[36] = (byte) (sum >>> 8);
        reply[37] = (byte) sum;
        return reply;
    }
}
