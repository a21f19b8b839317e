package org.barewire.drivers.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.vhost.VirtioNet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The port on a device that a test describes.
class VirtioPciTest {
    private static final long CONTROL = VirtioNet.F_CTRL_VQ | VirtioNet.F_CTRL_RX | VirtioNet.F_CTRL_MAC_ADDR;
    private static final long LEGACY = VirtioNet.F_MAC | VirtioNet.F_STATUS | VirtioNet.F_ANY_LAYOUT | CONTROL;
    private static final long MODERN = LEGACY | VirtioNet.F_VERSION_1 | VirtioNet.F_RING_PACKED;
    private static final int DRIVEN = Transport.ACKNOWLEDGE | Transport.DRIVER | Transport.DRIVER_OK;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final long[] packets = new long[64];
    private DeviceConfig config =
            DeviceConfig.standard().withMemory(memory).withDescriptors(64, 64).withPoolSize(256);

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "packed"})
    void aModernDeviceIsBroughtUpByTheRules(String ring) {
        PciModel model = new PciModel(true, MODERN | VirtioNet.F_EVENT_IDX | 1L << 40, 1, 256);
        try (NetDevice port = open(model, Map.of("ring", ring))) {
            assertThat(model.status()).isEqualTo(DRIVEN | Transport.FEATURES_OK);
            assertThat((model.accepted() & VirtioNet.F_RING_PACKED) != 0).isEqualTo(ring.equals("packed"));
            assertThat(model.accepted() & 1L << 40).isZero(); // not what nobody uses
            assertThat(model.ring(0).mask + 1).isEqualTo(64);
            assertThat(port.macAddress()).isEqualTo(MacAddress.parse("02:00:00:00:00:01"));
            assertThat(port.description()).contains("modern", ring);
            for (int i = 0; i < 200; i++) {
                echo(port, model, 0, 12, 1);
            }
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void aLegacyDeviceSetsTheSizesAndIsGivenPages() {
        PciModel model = new PciModel(false, LEGACY | VirtioNet.F_MRG_RXBUF, 1, 128);
        try (NetDevice port = open(model, Map.of("ring", "packed"))) { // which it doesn't have
            assertThat(model.status()).isEqualTo(DRIVEN);
            assertThat(model.ring(0).mask + 1).isEqualTo(128);
            assertThat(port.description()).contains("legacy", "split");
            for (int i = 0; i < 300; i++) {
                echo(port, model, 0, 10, 1);
            }
        }
        assertEverythingGivenBack(model);
    }

    @ParameterizedTest
    @CsvSource({"64, false", "256, false", "128, true"})
    void aLegacyDeviceWithoutAnyLayoutGetsEachHeaderByItself(int size, boolean indirect) {
        long features =
                LEGACY & ~VirtioNet.F_ANY_LAYOUT | VirtioNet.F_MRG_RXBUF | (indirect ? VirtioNet.F_INDIRECT_DESC : 0);
        PciModel model = new PciModel(false, features, 1, size);
        try (NetDevice port = open(model, Map.of("mergeable", "yes"))) {
            assertThat(model.accepted() & VirtioNet.F_MRG_RXBUF).isZero();
            for (int i = 0; i < 500; i++) {
                echo(port, model, 0, 10, 2);
            }
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void withoutMergeableBuffersEachHoldsTheLongestFrame() {
        PciModel model = new PciModel(true, MODERN, 1, 64);
        config = config.withMtu(9000);
        try (NetDevice port = open(model, Map.of())) {
            assertThat(port.rx(0).pool().capacity()).isGreaterThanOrEqualTo(9022);
            byte[] frame = new byte[12 + 9014];
            Arrays.fill(frame, 12, frame.length, (byte) 5);
            assertThat(model.ring(0).deliver(frame)).isTrue();
            assertThat(port.rx(0).receive(packets)).isEqualTo(1);
            assertThat(Packet.length(packets[0])).isEqualTo(9014);
            Packet.release(packets[0]);
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void aDeviceWithNothingIsUsedAllTheSame() {
        PciModel model = new PciModel(false, 0, 1, 256);
        try (NetDevice port = open(model, Map.of())) {
            port.setPromiscuous(true);
            port.setAllMulticast(true);
            port.setMulticast(List.of(MacAddress.parse("33:33:00:00:00:01")));
            assertThat(port.link().up()).isTrue();
            assertThat(port.macAddress().isMulticast()).isFalse();
            assertThat(Arrays.copyOf(model.net, 6)).isEqualTo(bytes(port.macAddress())); // told by the configuration
            echo(port, model, 0, 10, 2);
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void whereThereIsAFilterOnlyItsCommandsAreGiven() {
        PciModel model = new PciModel(true, MODERN & ~VirtioNet.F_CTRL_MAC_ADDR, 1, 64);
        try (NetDevice port = open(model, Map.of())) {
            model.commands.clear();
            port.setMacAddress(MacAddress.parse("02:00:00:00:00:09"));
            assertCommand(model, 1, 0, "01000000020000000009", "00000000"); // one more to let pass
        }
        PciModel deaf = new PciModel(true, MODERN & ~VirtioNet.F_CTRL_RX, 1, 64);
        try (NetDevice port = open(deaf, Map.of())) {
            port.setPromiscuous(true);
            port.setMulticast(List.of(MacAddress.parse("33:33:00:00:00:01")));
            assertThat(deaf.commands).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"true, split", "true, packed", "false, split"})
    void commandsHaveTheFormThatTheDeviceExpects(boolean modern, String ring) {
        long features = (modern ? MODERN : LEGACY) | VirtioNet.F_CTRL_VLAN;
        PciModel model = new PciModel(modern, features, 1, 64);
        try (NetDevice port = open(model, Map.of("vlans", "5,4094", "ring", ring))) {
            assertThat(model.commands).hasSize(5);
            assertCommand(model, 0, 0, "00");
            assertCommand(model, 0, 1, "00");
            assertCommand(model, 1, 0, "00000000", "00000000");
            assertCommand(model, 2, 0, "0500");
            assertCommand(model, 2, 0, "fe0f");
            port.setPromiscuous(true);
            assertCommand(model, 0, 0, "01");
            port.setMacAddress(MacAddress.parse("02:00:00:00:00:07"));
            assertCommand(model, 1, 1, "020000000007");
            assertThat(port.macAddress()).isEqualTo(MacAddress.parse("02:00:00:00:00:07"));
            port.setMulticast(List.of(MacAddress.parse("33:33:00:00:00:01"), MacAddress.parse("01:00:5e:00:00:02")));
            assertCommand(model, 1, 0, "00000000", "0200000033330000000101005e000002");
            assertCommand(model, 0, 1, "00");
            port.setMulticast(IntStream.range(0, 1000)
                    .mapToObj(i -> new MacAddress(0x3333_0000_0000L + i))
                    .toList());
            assertCommand(model, 1, 0, "00000000", "00000000");
            assertCommand(model, 0, 1, "01"); // too many to be told
            for (int i = 0; i < 100; i++) { // around the ring
                port.setAllMulticast(i % 2 == 0);
                assertCommand(model, 0, 1, "01"); // still
            }
            assertThatThrownBy(() -> port.setMacAddress(MacAddress.parse("33:33:00:00:00:01")))
                    .hasMessageContaining("address of a group");
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void severalPairsOfQueuesAreAskedFor() {
        PciModel model = new PciModel(true, MODERN | VirtioNet.F_MQ, 4, 64);
        config = config.withQueues(2);
        try (NetDevice port = open(model, Map.of())) {
            assertCommand(model, 4, 0, "0200");
            assertThat(port.rxQueues()).isEqualTo(2);
            echo(port, model, 1, 12, 1);
            assertThatThrownBy(() -> port.rx(2)).hasMessageContaining("queues 0 to 1, not 2");
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void packetsAreSpreadByTheRedirectionTableIfTheDeviceCan() {
        PciModel model = new PciModel(true, MODERN | VirtioNet.F_RSS, 4, 64);
        config = config.withQueues(3);
        try (NetDevice port = open(model, Map.of())) {
            ByteBuffer rss =
                    ByteBuffer.wrap(model.commands.getFirst().data().getFirst()).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(rss.getInt()).isEqualTo(0x3F);
            assertThat(rss.getShort()).isEqualTo((short) 127);
            assertThat(rss.getShort()).isZero();
            for (int i = 0; i < 128; i++) {
                assertThat(rss.getShort()).isEqualTo((short) (i % 3));
            }
            assertThat(rss.getShort()).isEqualTo((short) 3);
            assertThat(rss.get()).isEqualTo((byte) 40);
            assertThat(rss.remaining()).isEqualTo(40);
            assertThat(port.rxQueues()).isEqualTo(3);
        }
    }

    @Test
    void theLinkIsWhatTheDeviceSays() {
        PciModel model = new PciModel(true, MODERN | VirtioNet.F_SPEED_DUPLEX, 1, 64);
        try (NetDevice port = open(model, Map.of())) {
            assertThat(port.link().bitsPerSecond()).isEqualTo(100_000_000);
            model.net[6] = 0;
            assertThat(port.link().up()).isFalse();
            model.needReset();
            assertThat(port.link().reason()).contains("close it and open it again");
            assertThatThrownBy(() -> port.setPromiscuous(true)).hasMessageContaining("close it and open it again");
        }
    }

    @ParameterizedTest
    @CsvSource({"split, 0", "split, " + VirtioNet.F_EVENT_IDX, "packed, 0", "packed, " + VirtioNet.F_EVENT_IDX})
    void aQueueSleepsUntilTheDeviceInterrupts(String ring, long features) throws InterruptedException {
        PciModel model = new PciModel(true, MODERN | features, 1, 64);
        model.vectors = 3;
        try (NetDevice port = open(model, Map.of("ring", ring))) {
            RxQueue rx = port.rx(0);
            for (int i = 0; i < 100; i++) {
                while (rx.await(0)) {} // what is left of the last interrupt
                int used = 2 * i;
                assertThat(model.interrupt(0, used)).isFalse(); // not while nobody sleeps
                Thread device = Thread.ofPlatform().start(() -> {
                    model.ring(0).deliver(new byte[12 + 60]);
                    model.interrupt(0, used);
                });
                do {
                    assertThat(rx.await(10_000_000_000L)).isTrue();
                } while (rx.receive(packets) == 0);
                Packet.release(packets[0]);
                device.join();
                assertThat(model.ring(0).deliver(new byte[12 + 60])).isTrue();
                assertThat(rx.await(0)).isTrue(); // it is there already
                assertThat(rx.receive(packets)).isEqualTo(1);
                Packet.release(packets[0]);
            }
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void aDeviceThatIsPulledOutIsReportedAndGivenBack() {
        PciModel model = new PciModel(true, MODERN, 1, 64);
        try (PacketPool pool = PacketPool.create(memory, 64);
                NetDevice port = open(model, Map.of())) {
            echo(port, model, 0, 12, 1);
            packets[0] = pool.allocateCopy(new byte[60]);
            assertThat(port.tx(0).send(packets, 0, 1)).isEqualTo(1);
            model.gone = true;
            assertThat(port.rx(0).receive(packets)).isZero();
            assertThat(port.link().reason()).contains("unplugged");
            assertThatThrownBy(() -> port.setPromiscuous(true)).hasMessageContaining("v: the device is gone");
        }
        assertThat(model.closed).isTrue();
        assertThat(memory.regions()).hasSize(1); // of rings: the packet that was under way went back to its pool
        assertThat(model.complaints).isEmpty();
    }

    @Test
    void aCommandThatIsRefusedOrNotAnsweredSaysSo() {
        PciModel model = new PciModel(true, MODERN, 1, 64);
        try (NetDevice port = open(model, Map.of())) {
            model.answer = 1;
            assertThatThrownBy(() -> port.setPromiscuous(true)).hasMessageContaining("refuses command 0 of class 0");
            model.answer = 0;
            port.setPromiscuous(true);
            model.answers = false;
            model.needReset();
            assertThatThrownBy(() -> port.setPromiscuous(true)).hasMessageContaining("met an error");
        }
        assertEverythingGivenBack(model);
    }

    @Test
    void whatTheDeviceCannotDoIsRefusedWithTheCure() {
        assertRefused(new PciModel(true, MODERN | VirtioNet.F_MTU, 1, 64), config.withMtu(9000), "?mtu=1500");
        assertRefused(new PciModel(true, MODERN, 4, 64), config.withQueues(4), "?queues=1");
        assertRefused(new PciModel(true, MODERN | VirtioNet.F_MQ, 2, 64), config.withQueues(4), "?queues=2");
        PciModel translated = new PciModel(true, MODERN, 1, 64);
        translated.translated = true;
        assertRefused(translated, config, "iommu_platform=on");
        PciModel picky = new PciModel(true, MODERN, 1, 64);
        picky.refusesFeatures = true;
        assertRefused(picky, config, "does not work with features");
        PciModel gone = new PciModel(false, LEGACY, 1, 64);
        gone.gone = true;
        assertRefused(gone, config, "the device is gone");
        PciModel misplaced = new PciModel(true, MODERN, 1, 64);
        misplaced.misplace(0x10000);
        assertRefused(misplaced, config, "which can't be");
        assertRefused(new PciModel(false, LEGACY, 1, 100), config, "no power of two");
        assertRefused(new PciModel(false, LEGACY, 1, 2), config, "too few");
        PciModel refusing = new PciModel(true, MODERN, 1, 64);
        refusing.answer = 1;
        assertRefused(refusing, config, "refuses command");
        assertThatThrownBy(() -> open(new PciModel(true, MODERN, 1, 64), Map.of("vlans", "7"))
                        .close())
                .hasMessageContaining("open it without vlans");
        assertThatThrownBy(() -> open(new PciModel(true, MODERN, 1, 64), Map.of("vlans", "4095"))
                        .close())
                .hasMessageContaining("from 0 to 4094");
    }

    @Test
    void aDeviceIsOpenedTenTimesInTurn() {
        PciModel model = new PciModel(true, MODERN, 1, 64);
        for (int i = 0; i < 10; i++) {
            NetDevice port = open(model, Map.of("ring", i % 2 == 0 ? "split" : "packed"));
            try (port) {
                echo(port, model, 0, 12, 1);
                assertThat(port.statistics().rxPackets()).isEqualTo(1);
                assertThat(port.statistics().txBytes()).isEqualTo(60);
            }
            assertThat(port.statistics().txPackets()).isEqualTo(1);
            assertEverythingGivenBack(model);
        }
    }

    @Test
    void theDriverKnowsItsDevices() {
        VirtioPciDriver driver = new VirtioPciDriver();
        assertThat(driver.drives(new PciModel(true, 0, 1, 64).id())).isTrue();
        assertThat(driver.drives(new PciModel(false, 0, 1, 64).id())).isTrue();
        assertThat(driver.options()).containsKeys("vlans", "ring", "gso").doesNotContainKey("server");
    }

    private NetDevice open(PciModel model, Map<String, String> options) {
        return new VirtioPciDriver().open("v", model, config, options);
    }

    private static void assertRefused(PciModel model, DeviceConfig config, String reason) {
        assertThatThrownBy(() ->
                        new VirtioPciDriver().open("v", model, config, Map.of()).close())
                .hasMessageStartingWith("v: ")
                .hasMessageContaining(reason);
        assertThat(model.closed).isTrue();
        assertThat(model.complaints).isEmpty();
        assertThat(model.busMaster).isFalse();
    }

    private void assertEverythingGivenBack(PciModel model) {
        assertThat(model.complaints).isEmpty();
        assertThat(model.status()).isZero();
        assertThat(model.closed).isTrue();
        long rings = memory.regions().stream().mapToLong(Region::length).sum();
        assertThat(rings).isLessThanOrEqualTo(PacketMemory.GRAIN); // none of the pools'
    }

    private static void assertCommand(PciModel model, int group, int command, String... data) {
        PciModel.Command first = model.commands.removeFirst();
        assertThat(first.group()).isEqualTo(group);
        assertThat(first.command()).isEqualTo(command);
        assertThat(first.data().stream().map(part -> java.util.HexFormat.of().formatHex(part)))
                .containsExactly(data);
    }

    private static byte[] bytes(MacAddress address) {
        return java.util.HexFormat.of().parseHex(address.toString().replace(":", ""));
    }

    /// Sends a packet to the device, which sends it back.
    private void echo(NetDevice port, PciModel model, int pair, int header, int pieces) {
        RingDevice receives = receivesOf(port, model, pair);
        try (PacketPool pool = PacketPool.create(memory, 64)) {
            byte[] frame = new byte[60];
            frame[59] = 7;
            packets[0] = pool.allocateCopy(frame);
            assertThat(port.tx(pair).send(packets, 0, 1)).isEqualTo(1);
            RingDevice.Buffer sent =
                    Objects.requireNonNull(model.ring(2 * pair + 1).take());
            assertThat(sent.length()).isEqualTo(header + 60);
            assertThat(sent.pieces()).hasSize(pieces);
            assertThat(sent.pieces().getFirst().length()).isEqualTo(pieces == 1 ? header + 60 : header);
            RingDevice.Buffer buffer = Objects.requireNonNull(receives.take());
            assertThat(buffer.pieces()).hasSize(pieces);
            assertThat(buffer.pieces().getFirst().length() == header).isEqualTo(pieces == 2);
            buffer.write(sent.bytes());
            receives.use(buffer, header + 60);
            model.ring(2 * pair + 1).use(sent, 0);
            assertThat(port.rx(pair).receive(packets)).isEqualTo(1);
            assertThat(Packet.hasMetadata(packets[0]) && Metadata.flags(packets[0]) != 0)
                    .isFalse();
            assertThat(Packet.bytes(packets[0])).isEqualTo(frame);
            Packet.release(packets[0]);
            assertThat(port.tx(pair).reclaim()).isZero();
        }
    }

    private static RingDevice receivesOf(NetDevice port, PciModel model, int pair) {
        assertThat(port.rx(pair).pool().slots()).isPositive();
        return model.ring(2 * pair);
    }
}
