package org.barewire.drivers.afpacket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Udp;
import org.barewire.drivers.peer.Child;
import org.barewire.drivers.peer.Leaks;
import org.barewire.drivers.peer.NetNs;
import org.barewire.drivers.peer.Numbered;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Packet sockets at both ends of a veth, and the kernel at one of them.
@Tag("peer")
class AfPacketPeerTest {
    private static final String LEFT = "kernelports-afp-l";
    private static final String RIGHT = "kernelports-afp-r";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private NetNs left;
    private NetNs right;
    private PacketPool pool;

    @BeforeEach
    void connect() {
        left = NetNs.create(LEFT);
        right = NetNs.create(RIGHT);
        left.veth("port", right, "port");
        pool = PacketPool.create(PacketMemory.standard(), 1024);
    }

    @AfterEach
    void disconnect() {
        pool.close();
        left.close();
        right.close();
    }

    private static NetDevice open(String namespace, String options) {
        NetDevice device = NetDevice.open("afpacket:port?netns=" + namespace + options);
        assertThat(device.awaitLink(PATIENCE)).isTrue();
        return device;
    }

    /// Waits until `count` packets are there.
    private static long[] receive(RxQueue rx, int count) {
        long[] packets = new long[count];
        int n = 0;
        long start = System.nanoTime();
        while (n < count && System.nanoTime() - start < PATIENCE.toNanos()) {
            n += rx.receive(packets, n, count - n);
        }
        return Arrays.copyOf(packets, n);
    }

    private static long receiveOne(RxQueue rx) {
        long[] packets = receive(rx, 1);
        assertThat(packets).hasSize(1);
        return packets[0];
    }

    private long send(TxQueue tx, long packet) {
        assertThat(tx.sendOrRelease(new long[] {packet}, 1)).isEqualTo(1);
        return packet;
    }

    @Test
    void noPacketIsLostOrChanged() {
        try (NetDevice a = open(LEFT, "");
                NetDevice b = open(RIGHT, "")) {
            Numbered packets = new Numbered(pool, 100_000, 60, 1514, 1);
            packets.exchange(a.tx(0), b.rx(0), 200);
            assertThat(packets.complaints()).isEmpty();
            assertThat(a.statistics().txPackets()).isEqualTo(100_000);
            assertThat(b.statistics().rxPackets()).isGreaterThanOrEqualTo(100_000);
            assertThat(b.statistics().rxMissed()).isZero();
            assertThat(a.statistics().txBytes()).isEqualTo(b.statistics().rxBytes());
        }
    }

    @Test
    void jumboFramesPassWhenTheInterfaceTakesThem() {
        left.run("ip", "link", "set", "port", "mtu", "9000");
        right.run("ip", "link", "set", "port", "mtu", "9000");
        PacketPool large = PacketPool.create(PacketMemory.standard(), 512, 16384);
        try (NetDevice a = open(LEFT, "&mtu=9000");
                NetDevice b = open(RIGHT, "&mtu=9000")) {
            assertThat(a.mtu()).isEqualTo(9000);
            Numbered packets = new Numbered(large, 20_000, 60, 9014, 2);
            packets.exchange(a.tx(0), b.rx(0), 100);
            assertThat(packets.complaints()).isEmpty();
        } finally {
            large.close();
        }
    }

    @Test
    void aFrameLongerThanTheMtuIsCountedAndDropped() {
        left.run("ip", "link", "set", "port", "mtu", "9000");
        right.run("ip", "link", "set", "port", "mtu", "9000");
        PacketPool large = PacketPool.create(PacketMemory.standard(), 16, 4096);
        try (NetDevice a = open(LEFT, "&mtu=2000");
                NetDevice b = open(RIGHT, "")) {
            RxQueue rx = b.rx(0);
            send(a.tx(0), Packet.resize(large.allocate(), 2014)); // b receives up to 1500
            send(a.tx(0), Packet.resize(large.allocate(), 2023)); // a sends up to 2000
            send(
                    a.tx(0),
                    large.allocateCopy(
                            FrameBuilder.ethernet().payload(new byte[46]).build()));
            assertThat(Packet.length(receiveOne(rx))).isEqualTo(60);
            assertThat(b.statistics().details()).containsEntry("rx_oversized", 1L);
            assertThat(a.statistics().details()).containsEntry("tx_oversized", 1L);
            assertThat(a.statistics().txErrors()).isEqualTo(1);
            assertThat(large.available()).isEqualTo(16);
        } finally {
            large.close();
        }
    }

    @Test
    void vlanTagsSurvive() {
        try (NetDevice a = open(LEFT, "");
                NetDevice b = open(RIGHT, "")) {
            RxQueue rx = b.rx(0);
            byte[] twice = FrameBuilder.ethernet()
                    .vlan(EtherType.PROVIDER_VLAN, 0xA123)
                    .vlan(9)
                    .payload(new byte[50])
                    .build();
            send(a.tx(0), pool.allocateCopy(twice));
            assertThat(Packet.bytes(receiveOne(rx))).containsExactly(twice);
        }
    }

    @Test
    void tagsAreTakenOutAndPutInAsOffloadsAsk() {
        try (NetDevice a = open(LEFT, "");
                NetDevice b = open(RIGHT, "&offloads=vlan-strip,rss-hash")) {
            RxQueue rx = b.rx(0);
            byte[] plain = FrameBuilder.ethernet().payload(new byte[50]).build();
            long packet = Metadata.begin(pool.allocateCopy(plain));
            Metadata.setFlags(packet, Metadata.SEND_VLAN);
            Metadata.setVlan(packet, 0x6005);
            send(a.tx(0), packet);
            long p = receiveOne(rx);
            assertThat(Packet.bytes(p)).containsExactly(plain);
            assertThat(Metadata.has(p, Metadata.VLAN_STRIPPED)).isTrue();
            assertThat(Metadata.vlan(p)).isEqualTo(0x6005);
            assertThat(Metadata.has(p, Metadata.RSS_HASH)).isTrue();
        }
    }

    @Test
    void packetsOfSeveralSegmentsLeaveWhole() {
        try (NetDevice a = open(LEFT, "");
                NetDevice b = open(RIGHT, "")) {
            RxQueue rx = b.rx(0);
            byte[] whole = FrameBuilder.ethernet().payload(new byte[1000]).build();
            new java.util.SplittableRandom(3).nextBytes(whole);
            whole[0] = 2;
            whole[12] = 0x70; // not a tag
            long first = Metadata.begin(pool.allocateCopy(Arrays.copyOf(whole, 100)));
            long second = Metadata.begin(pool.allocateCopy(Arrays.copyOfRange(whole, 100, 101)));
            Metadata.setNext(second, pool.allocateCopy(Arrays.copyOfRange(whole, 101, whole.length)));
            Metadata.setNext(first, second);
            Metadata.setTotalLength(first, whole.length);
            send(a.tx(0), first);
            assertThat(Packet.bytes(receiveOne(rx))).containsExactly(whole);
            assertThat(pool.available()).isEqualTo(pool.slots());
        }
    }

    @Test
    void twoQueuesShareTheFlowsAndNoPacketComesTwice() {
        int flows = 64;
        int rounds = 20;
        try (NetDevice a = open(LEFT, "");
                NetDevice b = open(RIGHT, "&queues=2")) {
            RxQueue[] rx = {b.rx(0), b.rx(1)};
            int[] received = new int[2];
            List<Set<Integer>> ports = List.of(new HashSet<>(), new HashSet<>());
            long[] packets = new long[32];
            for (int round = 1; round <= rounds; round++) {
                for (int flow = 0; flow < flows; flow++) {
                    send(a.tx(0), pool.allocateCopy(udp(flow)));
                }
                long start = System.nanoTime();
                while (received[0] + received[1] < flows * round && System.nanoTime() - start < PATIENCE.toNanos()) {
                    for (int queue = 0; queue < 2; queue++) {
                        int n = rx[queue].receive(packets);
                        received[queue] += n;
                        for (int i = 0; i < n; i++) {
                            int transport = Headers.transportOffset(Headers.parse(packets[i]));
                            ports.get(queue).add(Udp.sourcePort(packets[i], transport));
                            Packet.release(packets[i]);
                        }
                    }
                }
            }
            Set<Integer> first = ports.get(0);
            Set<Integer> second = ports.get(1);
            assertThat(received[0] + received[1]).isEqualTo(flows * rounds);
            assertThat(first).hasSizeGreaterThan(flows / 8).doesNotContainAnyElementsOf(second);
            assertThat(second).hasSizeGreaterThan(flows / 8);
            assertThat(b.statistics().rxPackets()).isEqualTo((long) flows * rounds);
        }
    }

    private static byte[] udp(int flow) {
        return FrameBuilder.ethernet()
                .ipv4("10.0.0.1", "10.0.0.2")
                .udp(1000 + flow, 2000)
                .payload(new byte[20])
                .build();
    }

    @Test
    void whatTheInterfaceItselfSendsIsNotReceived() {
        try (NetDevice a = open(LEFT, "&queues=2");
                NetDevice b = open(RIGHT, "")) {
            RxQueue[] own = {a.rx(0), a.rx(1)};
            RxQueue rx = b.rx(0);
            send(a.tx(0), pool.allocateCopy(udp(0)));
            assertThat(receive(rx, 1)).hasSize(1);
            send(b.tx(0), pool.allocateCopy(udp(1))); // later in time, so what was to come before has come
            long[] packets = new long[4];
            int n = 0;
            for (int polls = 0; n == 0 && polls < 100_000_000; polls++) {
                n = own[0].receive(packets) + own[1].receive(packets);
            }
            assertThat(n).isEqualTo(1);
            assertThat(a.statistics().rxPackets()).isEqualTo(1);
        }
    }

    @Test
    void addressesAreAddedAndGoWithTheDevice() {
        try (NetDevice a = open(LEFT, "")) {
            MacAddress real = a.macAddress();
            a.setPromiscuous(true);
            a.setAllMulticast(true);
            a.setMulticast(List.of(MacAddress.parse("01:00:5e:01:02:03"), MacAddress.parse("01:00:5e:01:02:04")));
            a.setMulticast(List.of(MacAddress.parse("01:00:5e:01:02:04")));
            a.setMacAddress(MacAddress.parse("02:00:00:00:00:99"));
            assertThat(a.macAddress()).hasToString("02:00:00:00:00:99");
            assertThat(left.run("ip", "-d", "link", "show", "port"))
                    .containsPattern("promiscuity [12]") // a second time for an address that veth cannot filter
                    .contains("allmulti 1", real.toString());
            assertThat(left.run("ip", "maddress", "show", "dev", "port"))
                    .contains("01:00:5e:01:02:04")
                    .doesNotContain("01:00:5e:01:02:03");
            a.setMacAddress(real);
            assertThatThrownBy(() -> a.setMacAddress(MacAddress.BROADCAST))
                    .hasMessageContaining("not an address of one interface");
        }
        assertThat(left.run("ip", "-d", "link", "show", "port")).contains("promiscuity 0", "allmulti 0");
        assertThat(left.run("ip", "maddress", "show", "dev", "port")).doesNotContain("01:00:5e:01:02:04");
    }

    @Test
    void anInterfaceThatIsDeletedUnderTrafficTakesTheLinkDownAndNothingElse() {
        NetDevice a = open(LEFT, "");
        NetDevice b = open(RIGHT, "");
        Numbered packets = new Numbered(pool, 1_000_000, 60, 1514, 5);
        TxQueue tx = a.tx(0);
        RxQueue rx = b.rx(0);
        while (packets.received() < 10_000) {
            packets.send(tx, 200);
            packets.receive(rx);
        }
        right.run("ip", "link", "delete", "port");
        for (int i = 0; i < 10_000; i++) {
            packets.send(tx, Integer.MAX_VALUE);
            packets.receive(rx);
        }
        assertThat(packets.complaints()).contains("missing");
        assertThat(a.link().up()).isFalse();
        assertThat(b.link().up()).isFalse();
        assertThat(b.link().reason()).contains("gone");
        a.close();
        b.close();
        assertThat(b.statistics().rxPackets()).isGreaterThanOrEqualTo(10_000);
    }

    private static void openAndClose(DeviceConfig config) {
        try (NetDevice device = NetDevice.open("afpacket:port?netns=" + LEFT, config)) {
            device.rx(0);
            device.rx(1).receive(new long[1]);
            device.tx(0);
        }
    }

    @Test
    void openingAHundredTimesLeaksNothing() {
        PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
        DeviceConfig config = DeviceConfig.standard().withMemory(memory).withQueues(2);
        try {
            openAndClose(config);
            Leaks before = Leaks.now(memory);
            for (int i = 0; i < 100; i++) {
                openAndClose(config);
                assertThatThrownBy(() -> NetDevice.open("afpacket:missing?netns=" + LEFT, config))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("missing");
            }
            before.assertNoMore(memory);
        } finally {
            memory.close();
        }
    }

    @Test
    void withoutRootTheMissingCapabilityIsNamed() {
        try (Child child = Child.startAsNobody("afpacket:lo", List.of())) {
            assertThat(child.line()).contains("CAP_NET_RAW is missing", "--ambient-caps=+net_raw");
        }
        try (Child child = Child.startAsNobody("afpacket:lo", List.of("net_raw"))) {
            assertThat(child.line()).isEqualTo(Child.OPEN);
        }
    }
}
