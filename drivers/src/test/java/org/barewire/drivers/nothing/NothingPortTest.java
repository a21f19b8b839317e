package org.barewire.drivers.nothing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Udp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NothingPortTest {
    private final long[] packets = new long[32];

    private static NetDevice open(String name) {
        DeviceName parsed = DeviceName.parse(name);
        DeviceConfig config = DeviceConfig.standard().withDescriptors(64, 64).withPoolSize(128);
        return new NothingProvider().open(parsed, config);
    }

    @ParameterizedTest
    @ValueSource(ints = {42, 60, 64, 1514, 9724})
    void theSourceGivesWellFormedFramesOfItsSize(int size) {
        try (NetDevice port = open("null:?source=" + size)) {
            assertThat(port.rx(0).receive(packets)).isEqualTo(32);
            for (long packet : packets) {
                assertWellFormed(packet, port, size);
                Packet.release(packet);
            }
            assertThat(port.statistics().rxBytes()).isEqualTo(32L * size);
        }
    }

    @Test
    void aFrameThatItsReceiverSpoiltComesBackWellFormed() {
        try (NetDevice port = open("null:?source=64")) {
            RxQueue rx = port.rx(0);
            for (int round = 0; round < 10; round++) {
                int received = rx.receive(packets);
                for (int i = 0; i < received; i++) {
                    assertWellFormed(packets[i], port, 64);
                    Packet.write(packets[i], 0, new byte[64], 0, 64);
                    packets[i] = Packet.pull(packets[i], 20);
                }
                PacketPool.release(packets, 0, received);
            }
        }
    }

    private static void assertWellFormed(long packet, NetDevice port, int size) {
        assertThat(Packet.length(packet)).isEqualTo(size);
        assertThat(Ethernet.destination(packet)).isEqualTo(port.macAddress().bits());
        int network = Ethernet.HEADER_LENGTH;
        assertThat(Ipv4.fits(packet, network)).isTrue();
        assertThat(Ipv4.totalLength(packet, network)).isEqualTo(size - network);
        assertThat(Ipv4.isChecksumValid(packet, network)).isTrue();
        int transport = network + Ipv4.headerLength(packet, network);
        assertThat(Udp.fits(packet, transport)).isTrue();
        assertThat(Udp.length(packet, transport)).isEqualTo(size - transport);
        assertThat(Udp.checksum(packet, transport)).as("none").isZero();
    }

    @Test
    void aReceiverThatKeepsFramesGetsAsManyAsThePoolHas() {
        try (NetDevice port = open("null:?source=64")) {
            long[] all = new long[200];
            assertThat(port.rx(0).receive(all)).isEqualTo(128);
            assertThat(port.rx(0).receive(all, 128, 72)).isZero();
            PacketPool.release(all, 0, 128);
            assertThat(port.rx(0).receive(all)).isEqualTo(128);
            PacketPool.release(all, 0, 128);
        }
    }

    @Test
    void withoutSourceNothingArrives() {
        try (NetDevice port = open("null:")) {
            assertThat(port.rx(0).receive(packets)).isZero();
        }
    }

    @Test
    void whatIsSentIsCountedWithAllItsSegmentsAndReleased() {
        NetDevice port = open("null:");
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 8)) {
            TxQueue tx = port.tx(0);
            long first = Metadata.begin(pool.allocateCopy(new byte[100]));
            Metadata.setNext(first, pool.allocateCopy(new byte[50]));
            long[] sent = {pool.allocateCopy(new byte[60]), first};
            assertThat(tx.sendOrRelease(sent, 2)).isEqualTo(2);
            assertThat(tx.reclaim()).isZero();
            assertThat(pool.available()).isEqualTo(8);
            assertThat(tx.statistics().packets()).isEqualTo(2);
        } finally {
            port.close();
        }
        assertThat(port.statistics().txBytes()).as("also when closed").isEqualTo(210);
    }

    @Test
    void eachQueueIsOneOfItsOwn() {
        DeviceConfig config = DeviceConfig.standard().withQueues(2);
        try (NetDevice port = new NothingProvider().open(DeviceName.parse("null:?source=60"), config)) {
            assertThat(port.rx(1)).isNotSameAs(port.rx(0)).isSameAs(port.rx(1));
            assertThatThrownBy(() -> port.tx(2))
                    .isInstanceOf(DeviceException.class)
                    .hasMessage("null:?source=60 has queues 0 to 1, not 2; open it with ?queues=3");
        }
    }

    @Test
    void aSizeThatIsNoFrameIsRefused() {
        assertThatThrownBy(() -> open("null:?source=41"))
                .isInstanceOf(DeviceException.class)
                .hasMessage("source=41: from 42 to 9724 is possible");
    }

    @Test
    void theAddressIsStableLocalAndNotAGroup() {
        try (NetDevice port = open("null:");
                NetDevice same = open("null:");
                NetDevice other = open("null:?source=60")) {
            assertThat(port.macAddress()).isEqualTo(same.macAddress()).isNotEqualTo(other.macAddress());
            assertThat(port.macAddress().isMulticast()).isFalse();
            assertThat(port.macAddress().bits() >>> 41 & 1)
                    .as("locally administered")
                    .isEqualTo(1);
        }
    }
}
