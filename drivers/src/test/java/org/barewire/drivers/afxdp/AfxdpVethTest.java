package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Numbered;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two ports that face each other over a veth pair: the kernel moves their packets.
@Tag("peer")
class AfxdpVethTest {
    private static final int COUNT = 100_000;

    private final long[] packets = new long[64];

    /// Receives one packet, however long it takes.
    private long one(RxQueue rx) {
        for (int i = 0; i < 10_000_000; i++) {
            if (rx.receive(packets, 0, 1) == 1) {
                return packets[0];
            }
        }
        throw new AssertionError("nothing came");
    }

    private static long detail(NetDevice device, String name) {
        return device.statistics().details().getOrDefault(name, -1L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"&attach=native&mode=copy", "&attach=generic", "&rxd=64&txd=64&pool=128"})
    void numberedPacketsCrossUnchanged(String options) {
        try (Veth veth = Veth.create("cross");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048);
                NetDevice left = veth.openLeft(options);
                NetDevice right = veth.openRight(options)) {
            Numbered numbered = new Numbered(pool, COUNT, 60, 1514, 1);
            RxQueue rx = right.rx(0);
            numbered.exchange(left.tx(0), rx, 48);
            assertThat(numbered.complaints()).isEmpty();
            assertThat(detail(left, "tx_copied")).isZero();
            assertThat(left.statistics().txBytes()).isEqualTo(right.statistics().rxBytes());
        }
    }

    @Test
    void jumboFramesCrossInSeveralBuffers() {
        try (Veth veth = Veth.create("jumbo").withMtu(9000);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 512, 16384);
                NetDevice left = veth.openLeft("&mtu=9000");
                NetDevice right = veth.openRight("&mtu=9000")) {
            Numbered numbered = new Numbered(pool, 20_000, 60, 9014, 2);
            RxQueue rx = right.rx(0);
            numbered.exchange(left.tx(0), rx, 64);
            assertThat(numbered.complaints()).isEmpty();
            assertThat(left.mtu()).isEqualTo(9000);
        }
    }

    @Test
    void eachQueueIsReachedByItsOwn() {
        try (Veth veth = Veth.create("queues").withQueues(2);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048);
                NetDevice left = veth.openLeft("&queues=2");
                NetDevice right = veth.openRight("&queues=2")) {
            for (int queue = 0; queue < 2; queue++) {
                RxQueue rx = right.rx(queue);
                Numbered numbered = new Numbered(pool, COUNT / 2, 60, 1514, queue);
                numbered.exchange(left.tx(queue), rx, 256);
                assertThat(numbered.complaints()).isEmpty();
                assertThat(rx.statistics().packets()).isEqualTo(COUNT / 2);
            }
        }
    }

    @Test
    void packetsInMemoryThatCameLaterAreCopied() {
        try (Veth veth = Veth.create("later");
                NetDevice left = veth.openLeft("");
                NetDevice right = veth.openRight("")) {
            TxQueue tx = left.tx(0);
            RxQueue rx = right.rx(0);
            try (PacketPool later = PacketPool.create(PacketMemory.standard(), 2048)) {
                Numbered numbered = new Numbered(later, 10_000, 60, 1514, 3);
                numbered.exchange(tx, rx, 128);
                assertThat(numbered.complaints()).isEmpty();
                assertThat(detail(left, "tx_copied")).isEqualTo(10_000);
                assertThat(later.available()).isEqualTo(later.slots());
            }
        }
    }

    @Test
    void packetsThatCrossAChunkAndOthersGoOutInOrder() {
        try (Veth veth = Veth.create("mixed");
                PacketPool small = PacketPool.create(PacketMemory.standard(), 64, 512);
                PacketPool large = PacketPool.create(PacketMemory.standard(), 64, 8192);
                NetDevice left = veth.openLeft("");
                NetDevice right = veth.openRight("")) {
            RxQueue rx = right.rx(0);
            TxQueue tx = left.tx(0);
            long[] out = new long[40];
            for (int i = 0; i < out.length; i++) {
                long packet = (i % 3 == 0 ? large : small).allocate();
                packet = i % 2 == 0 ? packet : Packet.pull(Packet.resize(packet, 40), 40);
                out[i] = Packet.resize(packet, 60 + i);
                Packet.setByte(out[i], 59, i);
            }
            long last = large.allocate();
            out[39] = Packet.resize(Packet.pull(Packet.resize(last, 3000), 1500), 1000); // over a chunk's end
            Packet.release(large.allocate());
            Packet.setByte(out[39], 59, 39);
            assertThat(tx.send(out, 0, out.length)).isEqualTo(out.length);
            for (int i = 0; i < out.length; i++) {
                long packet = one(rx);
                assertThat(Packet.getByte(packet, 59)).isEqualTo(i);
                assertThat(Packet.length(packet)).isEqualTo(i == 39 ? 1000 : 60 + i);
                Packet.release(packet);
            }
            assertThat(detail(left, "tx_copied")).isEqualTo(1);
            assertThat(tx.reclaim()).isZero();
        }
    }

    @Test
    void segmentsLeaveAsOneFrameAndOffloadsAreDone() {
        try (Veth veth = Veth.create("chain");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 64);
                NetDevice left = veth.openLeft("");
                NetDevice right = veth.openRight("")) {
            RxQueue rx = right.rx(0);
            TxQueue tx = left.tx(0);
            long first = Metadata.begin(Packet.resize(pool.allocate(), 50));
            long second = Packet.resize(pool.allocate(), 30);
            Packet.setShort(first, 12, 0x88B5);
            Packet.setByte(second, 29, 77);
            Metadata.setNext(first, second);
            Metadata.setTotalLength(first, 80);
            Metadata.setFlags(first, Metadata.SEND_VLAN);
            Metadata.setVlan(first, 5);
            assertThat(tx.send(new long[] {first}, 0, 1)).isEqualTo(1);
            long packet = one(rx);
            assertThat(Packet.length(packet)).isEqualTo(84);
            assertThat(Packet.getInt(packet, 12)).isEqualTo(0x8100_0005);
            assertThat(Packet.getShort(packet, 16)).isEqualTo(0x88B5);
            assertThat(Packet.getByte(packet, 83)).isEqualTo(77);
            Packet.release(packet);
            assertThat(pool.available()).isEqualTo(pool.slots());
        }
    }

    @Test
    void whatCannotBeSentIsCountedAndReleased() {
        try (Veth veth = Veth.create("refuse");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 64);
                NetDevice left = veth.openLeft("")) {
            TxQueue tx = left.tx(0);
            long tooShort = Packet.resize(pool.allocate(), 13);
            long tooLong = Packet.resize(pool.allocate(), 1523);
            long toBeCut = Metadata.begin(Packet.resize(pool.allocate(), 100));
            Metadata.setFlags(toBeCut, Metadata.SEND_TCP_SEGMENTATION);
            assertThat(tx.send(new long[] {tooShort, tooLong, toBeCut}, 0, 3)).isEqualTo(3);
            assertThat(detail(left, "tx_refused")).isEqualTo(3);
            assertThat(tx.statistics().packets()).isZero();
            assertThat(pool.available()).isEqualTo(pool.slots());
        }
    }

    @Test
    void whatCannotBeHadIsExplained() {
        try (Veth veth = Veth.create("cannot")) {
            assertThatThrownBy(() -> veth.openLeft("&queues=63"))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("ethtool -L port0 combined 63");
            assertThatThrownBy(() -> veth.openLeft("&mtu=4000"))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("ip link set port0 mtu 4000");
            try (NetDevice left = veth.openLeft("&mode=zerocopy")) {
                assertThatThrownBy(() -> left.rx(0))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("mode=auto");
            }
            try (NetDevice left = veth.openLeft("")) {
                assertThatThrownBy(() -> veth.openLeft(""))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("another XDP program");
                assertThat(left.link().up()).isTrue();
            }
            veth.left().run("ip", "link", "set", "port0", "down");
            assertThatThrownBy(() -> veth.openLeft(""))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("ip link set port0 up");
            assertThatThrownBy(() -> NetDevice.open("afxdp:none0"))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("none0");
        }
    }

    @Test
    void theDefaultRouteIsNotTakenUnlessItIsInsistedOn() {
        try (Veth veth = Veth.create("route").withAddresses()) {
            for (String gateway : new String[] {"10.77.0.2", "fd77::2"}) {
                veth.left().run("ip", "route", "add", "default", "via", gateway);
                assertThatThrownBy(() -> veth.openLeft(""))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageContaining("?match=udp/53");
                veth.openLeft("&match=all").close();
                veth.openLeft("&match=udp/53").close();
                veth.left().run("ip", "route", "del", "default", "via", gateway);
            }
            veth.openLeft("").close();
        }
    }

    @Test
    void theInterfaceListensToWhatWasAskedForUntilThePortIsClosed() {
        try (Veth veth = Veth.create("filter")) {
            List<String> show = List.of("ip", "-d", "link", "show", "port0");
            try (NetDevice left = veth.openLeft("")) {
                left.setPromiscuous(true);
                left.setPromiscuous(true);
                left.setAllMulticast(true);
                assertThat(veth.left().run(show.toArray(String[]::new))).contains("promiscuity 1", "allmulti 1");
                left.setPromiscuous(false);
                assertThat(veth.left().run(show.toArray(String[]::new))).contains("promiscuity 0");
                left.setPromiscuous(true);
            }
            assertThat(veth.left().run(show.toArray(String[]::new))).contains("promiscuity 0", "allmulti 0");
        }
    }
}
