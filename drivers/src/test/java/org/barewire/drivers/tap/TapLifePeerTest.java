package org.barewire.drivers.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Vlan;
import org.barewire.drivers.peer.Child;
import org.barewire.drivers.peer.Forwarder;
import org.barewire.drivers.peer.Kills;
import org.barewire.drivers.peer.Leaks;
import org.barewire.drivers.peer.NetNs;
import org.barewire.drivers.peer.Numbered;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// How tap interfaces come to be, are used by the kernel, and go.
@Tag("peer")
class TapLifePeerTest {
    private static final String HERE = "kernelports-life";
    private static final long PATIENCE = 10_000_000_000L;

    private NetNs here;

    @BeforeEach
    void create() {
        here = NetNs.create(HERE);
    }

    @AfterEach
    void remove() {
        here.close();
    }

    private boolean exists(String device) {
        return here.run("ip", "-o", "link").contains(": " + device + ":");
    }

    /// A packet socket at the kernel's end of a tap interface sees what the program sends, and the other way.
    @Test
    void noPacketIsLostOrChangedBetweenTapAndPacketSocket() {
        PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024);
        try (NetDevice tap = NetDevice.open("tap:port?netns=" + HERE);
                NetDevice socket = NetDevice.open("afpacket:port?netns=" + HERE)) {
            Numbered out = new Numbered(pool, 100_000, 60, 1514, 1);
            out.exchange(tap.tx(0), socket.rx(0), 200);
            assertThat(out.complaints()).isEmpty();
            Numbered in = new Numbered(pool, 100_000, 60, 1514, 2);
            in.exchange(socket.tx(0), tap.rx(0), 200);
            assertThat(in.complaints()).isEmpty();
            assertThat(tap.statistics().txPackets()).isEqualTo(100_000);
            assertThat(tap.statistics().rxMissed()).isZero();
        } finally {
            pool.close();
        }
    }

    @Test
    void tagsAreTakenOutAndPutInAsAsked() {
        PacketPool pool = PacketPool.create(PacketMemory.standard(), 64);
        try (NetDevice tap = NetDevice.open("tap:port?netns=" + HERE + "&offloads=vlan-strip");
                NetDevice socket = NetDevice.open("afpacket:port?netns=" + HERE)) {
            byte[] plain = FrameBuilder.ethernet().payload(new byte[50]).build();
            RxQueue at = socket.rx(0);
            long packet = Metadata.begin(pool.allocateCopy(plain));
            Metadata.setFlags(packet, Metadata.SEND_VLAN);
            Metadata.setVlan(packet, 0x6005);
            send(tap.tx(0), packet);
            long tagged = receiveOne(at);
            assertThat(Packet.length(tagged)).isEqualTo(plain.length + 4);
            assertThat(Packet.getShort(tagged, 12)).isEqualTo(EtherType.VLAN);
            assertThat(Vlan.control(tagged, 14)).isEqualTo(0x6005);
            send(socket.tx(0), tagged);
            long stripped = receiveOne(tap.rx(0));
            assertThat(Packet.bytes(stripped)).containsExactly(plain);
            assertThat(Metadata.has(stripped, Metadata.VLAN_STRIPPED)).isTrue();
            assertThat(Metadata.vlan(stripped)).isEqualTo(0x6005);
            Packet.release(stripped);
        } finally {
            pool.close();
        }
    }

    private static void send(TxQueue tx, long packet) {
        assertThat(tx.send(new long[] {packet}, 0, 1)).isEqualTo(1);
    }

    private static long receiveOne(RxQueue rx) {
        long[] packets = new long[1];
        long start = System.nanoTime();
        while (rx.receive(packets) == 0) {
            assertThat(System.nanoTime() - start).isLessThan(PATIENCE);
        }
        return packets[0];
    }

    @Test
    void theInterfaceIsAsTheOptionsSay() {
        try (NetDevice tap =
                NetDevice.open("tap:port?netns=" + HERE + "&mac=02:00:00:00:00:77&mtu=1400&up=no&queues=2")) {
            String link = here.run("ip", "-d", "link", "show", "port");
            assertThat(link).contains("02:00:00:00:00:77", "mtu 1400", "state DOWN", "multi_queue numqueues 2");
            assertThat(tap.mtu()).isEqualTo(1400);
            assertThat(tap.macAddress().isMulticast()).isFalse();
            assertThat(tap.link().up()).isFalse();
            assertThat(tap.link().reason()).contains("ip link set port up");
            here.run("ip", "link", "set", "port", "up");
            assertThat(tap.link().up()).isTrue();
        }
        assertThat(exists("port")).isFalse();
    }

    @Test
    void anInterfaceThatIsThereIsListed() {
        try (NetDevice _ = NetDevice.open("tap:bwlisted")) { // in the process's own namespace
            assertThat(new TapProvider().available())
                    .anyMatch(device -> device.name().equals("tap:bwlisted")
                            && device.obstacle().isEmpty());
        }
    }

    @Test
    void theKernelNumbersTheNameIfAsked() {
        try (NetDevice first = NetDevice.open("tap:t%d?netns=" + HERE);
                NetDevice second = NetDevice.open("tap:t%d?netns=" + HERE + "&queues=2")) {
            assertThat(exists("t0")).isTrue();
            assertThat(exists("t1")).isTrue();
            assertThat(first.macAddress()).isNotEqualTo(second.macAddress());
        }
    }

    @Test
    void aPersistentInterfaceIsUsedAndStays() {
        here.run("ip", "tuntap", "add", "kept", "mode", "tap", "multi_queue");
        NetDevice.open("tap:kept?netns=" + HERE).close();
        NetDevice.open("tap:kept?netns=" + HERE + "&queues=2").close();
        assertThat(exists("kept")).isTrue();
        here.run("ip", "tuntap", "add", "single", "mode", "tap");
        assertThatThrownBy(() -> NetDevice.open("tap:single?netns=" + HERE + "&queues=2"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("multi_queue");
        try (NetDevice open = NetDevice.open("tap:single?netns=" + HERE)) {
            assertThatThrownBy(() -> NetDevice.open("tap:single?netns=" + HERE))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("Another program has it open");
            assertThat(open.link().up()).isTrue();
        }
    }

    @Tag("survival")
    @Test
    void theInterfaceGoesWhenItsProcessIsKilledInMidTraffic() {
        String packets = "/sys/class/net/held/statistics/rx_packets";
        for (int kill = 0; kill < Kills.COUNT; kill++) {
            try (Child child = Child.start("tap:held?netns=" + HERE)) {
                assertThat(child.line()).isEqualTo(Child.OPEN);
                here.address("held", "10.5.0.1/24");
                here.run("ip", "neigh", "replace", "10.5.0.2", "lladdr", "02:00:00:00:00:02", "dev", "held");
                Process flood = here.start("ping", "-f", "10.5.0.2");
                while (Long.parseLong(here.run("cat", packets).strip()) < 100) { // come back from the child
                    assertThat(flood.isAlive()).isTrue();
                }
            }
            long start = System.nanoTime();
            while (exists("held") && System.nanoTime() - start < PATIENCE) {
                Thread.onSpinWait();
            }
            assertThat(exists("held")).isFalse();
        }
    }

    @Test
    void anInterfaceThatIsDeletedUnderTrafficTakesTheLinkDownAndNothingElse() throws Exception {
        PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
        DeviceConfig config = DeviceConfig.standard().withMemory(memory);
        openAndClose(config);
        try (NetNs other = NetNs.create(HERE + "-2")) {
            Leaks before = Leaks.now(memory);
            try (NetDevice a = NetDevice.open("tap:port?netns=" + HERE, config);
                    NetDevice b = NetDevice.open("tap:port?netns=" + other.name(), config)) {
                here.address("port", "10.4.0.1/24");
                other.address("port", "10.4.0.2/24");
                try (Forwarder _ = new Forwarder(a, b, 1)) {
                    Process flood = here.start("ping", "-f", "-s", "1000", "10.4.0.2");
                    while (b.statistics().txPackets() < 1000) {
                        assertThat(flood.isAlive()).isTrue();
                    }
                    other.run("ip", "link", "delete", "port");
                    long sent = a.statistics().rxPackets();
                    while (a.statistics().rxPackets() < sent + 10) {
                        assertThat(flood.isAlive()).isTrue();
                    }
                    assertThat(b.link().up()).isFalse();
                    assertThat(b.link().reason()).contains("gone");
                    assertThat(a.link().up()).isTrue();
                    flood.destroy();
                }
                assertThat(b.rx(0).receive(new long[8])).isZero();
                assertThat(b.tx(0).statistics().dropped()).isPositive();
            }
            before.assertNoMore(memory);
        } finally {
            memory.close();
        }
    }

    private static void openAndClose(DeviceConfig config) {
        try (NetDevice tap = NetDevice.open("tap:port?segmentation=yes&netns=" + HERE, config)) {
            tap.rx(tap.rxQueues() - 1).receive(new long[1]);
            tap.tx(0);
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
                assertThatThrownBy(() -> NetDevice.open("tap:lo?netns=" + HERE, config))
                        .hasMessageContaining("not a tap");
            }
            before.assertNoMore(memory);
        } finally {
            memory.close();
        }
    }

    @Test
    void withoutRootTheMissingCapabilityIsNamed() {
        try (Child child = Child.startAsNobody("tap:bw%d", List.of())) {
            assertThat(child.line()).contains("CAP_NET_ADMIN is missing", "--ambient-caps=+net_admin");
        }
        try (Child child = Child.startAsNobody("tap:bw%d", List.of("net_admin"))) {
            assertThat(child.line()).isEqualTo(Child.OPEN);
        }
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> NetDevice.open("tap:x?offloads=rss-hash")).hasMessageContaining("leave out rss-hash");
        assertThatThrownBy(() -> NetDevice.open("tap:x?mac=01:00:00:00:00:01")).hasMessageContaining("multicast");
        assertThatThrownBy(() -> NetDevice.open("tap:?netns=" + HERE)).hasMessageContaining("1 to 15 bytes");
        assertThatThrownBy(() -> NetDevice.open("tap:x?netns=kernelports-missing"))
                .hasMessageContaining("ip netns add kernelports-missing");
    }
}
