package org.barewire.core.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Builds the bytes of a frame, header by header from the outside in, with right lengths and checksums. For
/// templates and tests, not for the data path.
///
/// ```java
/// byte[] query = FrameBuilder.ethernet()
///         .vlan(5)
///         .ipv4("192.0.2.1", "192.0.2.2")
///         .udp(1000, 53)
///         .payload(1, 2, 3)
///         .build();
/// ```
///
/// Sources come before destinations. One network and one transport header at most.
public final class FrameBuilder {
    private static final MacAddress FIRST = MacAddress.parse("02:00:00:00:00:01");
    private static final MacAddress SECOND = MacAddress.parse("02:00:00:00:00:02");
    private static final int HOPS = 64;

    private final ByteBuffer frame = ByteBuffer.allocate(Packet.MAX_LENGTH);
    private int typeField = 12; // where the next network header's EtherType belongs
    private int network; // where the network header begins, or 0
    private int nextHeaderField; // where the next header's protocol number belongs
    private int transport; // where the transport header begins, or 0
    private int protocol; // of the transport header

    private FrameBuilder() {}

    /// From 02:00:00:00:00:01 to 02:00:00:00:00:02.
    public static FrameBuilder ethernet() {
        return ethernet(FIRST, SECOND);
    }

    public static FrameBuilder ethernet(MacAddress source, MacAddress destination) {
        FrameBuilder builder = new FrameBuilder();
        builder.address(destination).address(source).frame.putShort((short) EtherType.MINIMUM);
        return builder;
    }

    /// A customer's tag with priority 0.
    public FrameBuilder vlan(int id) {
        return vlan(EtherType.VLAN, Vlan.control(0, false, id));
    }

    /// A tag of either kind, inside those that are there.
    ///
    /// @param type    {@link EtherType#VLAN} or {@link EtherType#PROVIDER_VLAN}
    /// @param control see {@link Vlan#control(int, boolean, int)}
    public FrameBuilder vlan(int type, int control) {
        type(type);
        frame.putShort((short) control);
        typeField = frame.position();
        frame.putShort((short) EtherType.MINIMUM);
        return this;
    }

    /// Any {@link EtherType}, with what {@link #payload} puts behind it.
    public FrameBuilder type(int type) {
        frame.putShort(typeField, (short) type);
        return this;
    }

    /// About IPv4 over Ethernet.
    ///
    /// @param operation {@link Arp#REQUEST} or {@link Arp#REPLY}
    public FrameBuilder arp(
            int operation,
            MacAddress senderHardware,
            String senderProtocol,
            MacAddress targetHardware,
            String targetProtocol) {
        type(EtherType.ARP);
        frame.putShort((short) 1).putShort((short) EtherType.IPV4).putShort((short) 0x0604);
        frame.putShort((short) operation);
        address(senderHardware).frame.putInt(IpAddress.parseIpv4(senderProtocol));
        address(targetHardware).frame.putInt(IpAddress.parseIpv4(targetProtocol));
        return this;
    }

    /// With a time to live of 64.
    public FrameBuilder ipv4(String source, String destination) {
        type(EtherType.IPV4);
        network = frame.position();
        nextHeaderField = network + 9;
        frame.putLong(0x4500_0000_0000_0000L).put((byte) HOPS).put((byte) IpProtocol.NO_NEXT_HEADER);
        frame.putShort((short) 0);
        frame.putInt(IpAddress.parseIpv4(source)).putInt(IpAddress.parseIpv4(destination));
        return this;
    }

    /// With a hop limit of 64.
    public FrameBuilder ipv6(String source, String destination) {
        type(EtherType.IPV6);
        network = frame.position();
        nextHeaderField = network + 6;
        frame.putInt(0x6000_0000).putShort((short) 0).put((byte) IpProtocol.NO_NEXT_HEADER);
        frame.put((byte) HOPS);
        for (String text : new String[] {source, destination}) {
            IpAddress.V6 address = IpAddress.parseIpv6(text);
            frame.putLong(address.high()).putLong(address.low());
        }
        return this;
    }

    /// An IPv6 extension header.
    ///
    /// @param protocol its kind, one of {@link IpProtocol}
    /// @param bytes    all of it; the first byte, the next header, is filled in
    public FrameBuilder extension(int protocol, int... bytes) {
        nextHeader(protocol);
        nextHeaderField = frame.position();
        return payload(bytes).next(IpProtocol.NO_NEXT_HEADER);
    }

    public FrameBuilder udp(int sourcePort, int destinationPort) {
        transport(IpProtocol.UDP);
        frame.putShort((short) sourcePort).putShort((short) destinationPort).putInt(0);
        return this;
    }

    /// With a window of 65535.
    ///
    /// @param flags {@link Tcp#FIN} to {@link Tcp#CWR}
    public FrameBuilder tcp(int sourcePort, int destinationPort, int sequence, int acknowledgment, int flags) {
        transport(IpProtocol.TCP);
        frame.putShort((short) sourcePort).putShort((short) destinationPort);
        frame.putInt(sequence).putInt(acknowledgment);
        frame.put((byte) 0x50).put((byte) flags).putShort((short) 0xFFFF).putInt(0);
        return this;
    }

    /// An ICMP echo request on IPv4, an ICMPv6 one on IPv6.
    public FrameBuilder echo(int identifier, int sequence) {
        transport(isIpv4() ? IpProtocol.ICMP : IpProtocol.ICMPV6);
        frame.put((byte) (isIpv4() ? Icmp.ECHO_REQUEST : Icmp.V6_ECHO_REQUEST)).put((byte) 0);
        frame.putShort((short) 0).putShort((short) identifier).putShort((short) sequence);
        return this;
    }

    /// Options of the IPv4 or TCP header that was added last.
    ///
    /// @param bytes a multiple of 4, 40 at most
    public FrameBuilder options(int... bytes) {
        boolean tcp = protocol == IpProtocol.TCP;
        if (bytes.length % 4 != 0 || bytes.length > 40 || !tcp && (transport != 0 || !isIpv4())) {
            throw new IllegalArgumentException(
                    "%d bytes of options: up to 40 in steps of 4, after ipv4() or tcp()".formatted(bytes.length));
        }
        int field = tcp ? transport + 12 : network;
        frame.put(field, (byte) (frame.get(field) + (bytes.length / 4 << (tcp ? 4 : 0))));
        return payload(bytes);
    }

    /// Bytes, each 0 to 255, behind what is there.
    public FrameBuilder payload(int... bytes) {
        for (int value : bytes) {
            frame.put((byte) value);
        }
        return this;
    }

    /// Bytes behind what is there.
    public FrameBuilder payload(byte[] bytes) {
        frame.put(bytes);
        return this;
    }

    /// Lengthens the payload by zeros until the frame has `bytes`, without the check sequence. No change if
    /// it has them.
    public FrameBuilder length(int bytes) {
        frame.position(Math.max(bytes, frame.position()));
        return this;
    }

    /// The frame, without padding and without a check sequence.
    public byte[] build() {
        byte[] bytes = Arrays.copyOf(frame.array(), frame.position());
        ByteBuffer built = ByteBuffer.wrap(bytes);
        if (network != 0) {
            fillNetwork(built);
        }
        if (transport != 0) {
            fillTransport(built);
        }
        return bytes;
    }

    private void fillNetwork(ByteBuffer built) {
        int length = built.capacity() - network;
        if (isIpv4()) {
            int header = (built.get(network) & 0xF) * 4;
            built.putShort(network + 2, (short) length);
            built.putShort(network + 10, (short) ~sum(built, network, network + header, 0));
        } else {
            built.putShort(network + 4, (short) (length - Ipv6.HEADER_LENGTH));
        }
    }

    private void fillTransport(ByteBuffer built) {
        int length = built.capacity() - transport;
        if (protocol == IpProtocol.UDP) {
            built.putShort(transport + 4, (short) length);
        }
        int addresses = network + (isIpv4() ? 12 : 8);
        int pseudo = protocol == IpProtocol.ICMP
                ? 0
                : sum(built, addresses, addresses + (isIpv4() ? 8 : 32), protocol + length);
        int checksum = ~sum(built, transport, built.capacity(), pseudo) & 0xFFFF;
        int field = switch (protocol) {
            case IpProtocol.TCP -> Tcp.CHECKSUM;
            case IpProtocol.UDP -> Udp.CHECKSUM;
            default -> Icmp.CHECKSUM;
        };
        boolean none = checksum == 0 && protocol == IpProtocol.UDP;
        built.putShort(transport + field, (short) (none ? 0xFFFF : checksum));
    }

    private static int sum(ByteBuffer bytes, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i++) {
            sum += (bytes.get(i) & 0xFF) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return (sum & 0xFFFF) + (sum >>> 16);
    }

    private boolean isIpv4() {
        return network != 0 && frame.get(network) >>> 4 == 4;
    }

    private void transport(int kind) {
        nextHeader(kind);
        transport = frame.position();
        protocol = kind;
    }

    private void nextHeader(int kind) {
        if (network == 0 || transport != 0) {
            throw new IllegalStateException("needs one ipv4() or ipv6() before it, and no transport header");
        }
        next(kind);
    }

    private FrameBuilder next(int kind) {
        frame.put(nextHeaderField, (byte) kind);
        return this;
    }

    private FrameBuilder address(MacAddress address) {
        frame.putShort((short) (address.bits() >>> 32)).putInt((int) address.bits());
        return this;
    }
}
