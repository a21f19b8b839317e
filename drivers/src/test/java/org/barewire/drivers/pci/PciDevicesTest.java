package org.barewire.drivers.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Taking devices, on a machine of files.
class PciDevicesTest {
    private static final String CARD = "0000:03:00.0";
    private static final String FOLDER = "sys/bus/pci/devices/" + CARD;
    private static final int COMMAND_LOW = 0x04;
    private static final PacketMemory NO_MEMORY =
            new PacketMemory(PacketMemory.Layout.PHYSICAL, PacketMemory.Pages.HUGE, Numa.NO_NODE);

    @TempDir
    private Path root;

    private MadeUpMachine machine;
    private Map<String, List<String>> addresses = Map.of();

    @BeforeEach
    void startWithACardThatIxgbeHas() throws IOException {
        machine = new MadeUpMachine(root).cardWithDriver(CARD, "0x8086", "0x10fb", "ixgbe");
        byte[] config = new byte[4096];
        config[0] = (byte) 0x86;
        config[1] = (byte) 0x80;
        config[COMMAND_LOW] = 7;
        Files.write(machine.path(FOLDER + "/config"), config);
        byte[] registers = new byte[4096 * 2];
        registers[8] = 0x21;
        registers[9] = 0x43;
        registers[10] = 0x65;
        registers[11] = (byte) 0x87;
        Files.write(machine.path(FOLDER + "/resource0"), registers);
        Files.write(machine.path(FOLDER + "/resource2"), registers);
        machine.write(FOLDER + "/resource", """
                0x00000000fe000000 0x00000000fe001fff 0x0000000000040200
                0x0000000000000000 0x0000000000000000 0x0000000000000000
                0x000000000000c000 0x000000000000c01f 0x0000000000040101
                """);
    }

    private PciDevices devices() {
        return new PciDevices(
                machine.files(), new PciCards(machine.files(), name -> addresses.getOrDefault(name, List.of())));
    }

    private PciDevice open() {
        return devices().open(CARD, NO_MEMORY, false);
    }

    @Test
    void withoutAnIommuNoDriverHasTheCardWhileItIsOpen() {
        PciDevice device = open();
        assertThat(machine.read(FOLDER + "/driver_override")).startsWith("barewire\n");
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/unbind")).isEqualTo(CARD);
        assertThat(machine.read(FOLDER + "/enable")).startsWith("1");
        device.close();
        assertThat(machine.read(FOLDER + "/enable")).startsWith("0");
        assertThat(machine.read(FOLDER + "/driver_override")).startsWith("\n");
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEqualTo(CARD);
    }

    @Test
    void anOverrideThatWasThereComesBack() {
        machine.write(FOLDER + "/driver_override", "ixgbe\n");
        open().close();
        assertThat(machine.files().line(FOLDER + "/driver_override")).isEqualTo("ixgbe");
    }

    @Test
    void memoryIsMappedAndPortsAreReadAndWritten() {
        try (PciDevice device = open()) {
            assertThat(device.bar(0).size()).isEqualTo(8192);
            for (PciBar bar : List.of(device.bar(0), device.bar(2))) {
                assertThat(bar.read32(8)).isEqualTo(0x87654321);
                assertThat(bar.read16(10)).isEqualTo(0x8765);
                assertThat(bar.read8(11)).isEqualTo(0x87);
                bar.write32(0x10, 0x11223344);
                bar.write16(0x12, 0xAAFF);
                bar.write8(0x10, 0xEE);
                assertThat(bar.registers().read32(0x10)).isEqualTo(0xAAFF33EE);
                assertThatThrownBy(() -> bar.read8((int) bar.size())).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> bar.write16(1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            }
            assertThat(device.bar(0)).isSameAs(device.bar(0));
            assertThatThrownBy(() -> device.bar(1)).hasMessageContaining("no base address register 1");
            assertThatThrownBy(() -> device.bar(5)).hasMessageContaining("no base address register 5");
        }
    }

    @Test
    void busMasteringIsTheDriversToSwitchOnAndOffAfterwards() throws IOException {
        PciDevice device = open();
        device.setBusMaster(false);
        assertThat(device.config().read16(PciConfig.COMMAND)).isEqualTo(3);
        device.setBusMaster(true);
        assertThat(device.config().read16(PciConfig.COMMAND)).isEqualTo(7);
        device.close();
        device.close();
        assertThat(Files.readAllBytes(machine.path(FOLDER + "/config"))[COMMAND_LOW])
                .isEqualTo((byte) 3);
        assertThatThrownBy(() -> device.bar(0)).hasMessageContaining("is closed");
    }

    @Test
    void aDeviceThatIsGoneReadsAsAllOnesAndIsGivenBack() throws IOException {
        Files.write(machine.path(FOLDER + "/config"), new byte[0]);
        assertThatThrownBy(this::open).hasMessageContaining(CARD + " does not answer");
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEqualTo(CARD);
    }

    @Test
    void aDeviceThatWasRemovedIsClosedAllTheSame() {
        PciDevice device = open();
        machine.remove(FOLDER);
        device.close();
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEmpty();
    }

    @Test
    void aCardInUseIsLeftAloneUnlessForced() {
        machine.netInterface(CARD, "", "eth0");
        addresses = Map.of("eth0", List.of("192.0.2.7/24"));
        assertThatThrownBy(this::open)
                .isInstanceOf(DeviceException.class)
                .hasMessage("0000:03:00.0 is in use: interface eth0 has 192.0.2.7/24. Remove it: sudo ip address delete"
                        + " 192.0.2.7/24 dev eth0; or take it as it is: 0000:03:00.0?force=yes");
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/unbind")).isEmpty();
        devices().open(CARD, NO_MEMORY, true).close();
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/unbind")).isEqualTo(CARD);
    }

    @Test
    void whatIsNotThereIsSaidSo() {
        assertThatThrownBy(() -> devices().open("0000:04:00.0", NO_MEMORY, false))
                .hasMessageContaining("there is no PCI device 0000:04:00.0");
        machine.card("0000:05:00.0", "0x15b3", "0x1017");
        assertThatThrownBy(() -> PciProvider.open(devices(), DeviceName.parse("0000:05:00.0"), DeviceConfig.standard()))
                .hasMessageStartingWith("0000:05:00.0 is 15b3:1017, and there is no driver for it");
        assertThatThrownBy(() ->
                        PciProvider.open(devices(), DeviceName.parse(CARD + "?colour=red"), DeviceConfig.standard()))
                .hasMessageContaining("no option 'colour'");
    }

    @Test
    void memoryThatCannotBecomePhysicalIsRefused() {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            memory.add(1);
            assertThatThrownBy(() -> devices().open(CARD, memory, false))
                    .hasMessageContaining("Open this device before all others");
        }
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/unbind")).isEmpty();
    }

    @Test
    void withoutInterruptsThereAreNone() {
        try (PciDevice device = open()) {
            assertThat(device.interruptVectors()).isZero();
            assertThatThrownBy(() -> device.interrupts(1)).hasMessageContaining("VFIO");
            assertThatThrownBy(device::reset).hasMessageContaining("no function-level reset");
        }
    }
}
