package org.barewire.sim.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.vfiouser.VfioUserDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The ixgbe driver on a model at the other end of a vfio-user socket.
class NicServerTest {
    private static final int LEDCTL = 0x200;
    private static final int EICS = 0x808;
    private static final int EIMS = 0x880;
    private static final int EIMC = 0x888;
    private static final int GPIE = 0x898;

    @TempDir
    Path folder;

    private ServedCard card;

    @BeforeEach
    void serve() {
        card = new ServedCard(folder);
    }

    @AfterEach
    void theDriverBreaksNoRule() {
        card.close();
        assertThat(card.nic.complaints()).isEmpty();
    }

    @Test
    void everyFrameComesBackUnchanged() {
        try (Ixgbe driver = card.drive()) {
            card.bounce(driver, 20_000);
            assertThat(driver.statistics().rxPackets()).isEqualTo(20_000);
        }
        var report = card.tester.sink().report();
        assertThat(report.received()).isEqualTo(20_000);
        assertThat(report.clean()).isTrue();
    }

    @Test
    void theNextDriverFindsTheCardAsAfterPowerUp() {
        for (int i = 0; i < 10; i++) {
            try (Ixgbe driver = card.drive()) {
                card.bounce(driver, 100);
            }
        }
        assertThat(card.tester.sink().report().received()).isEqualTo(1000);
        assertThat(card.tester.sink().report().clean()).isTrue();
    }

    @Test
    void aDriverThatDiesLeavesTheCardToTheNext() {
        VfioUserDevice dead = VfioUserDevice.open(card.socket);
        dead.setBusMaster(true);
        card.memory.add(1);
        card.memory.attach(dead.dma());
        dead.bar(0).registers().write32(LEDCTL, 7);
        card.memory.detach(dead.dma());
        dead.close();
        try (Ixgbe driver = card.drive()) {
            card.bounce(driver, 1000);
        }
        assertThat(card.tester.sink().report().clean()).isTrue();
        assertThat(card.events).anyMatch(event -> event.endsWith("has closed the connection"));
    }

    @Test
    void configurationSpaceIsWhereDriversLookForIt() {
        try (VfioUserDevice device = VfioUserDevice.open(card.socket)) {
            assertThat(device.id()).hasToString("8086:10fb");
            assertThat(device.id().classCode()).isEqualTo(0x020000);
            assertThat(device.config().capability(PciConfig.CAPABILITY_MSIX)).isEqualTo(0x70);
            assertThat(device.config().capability(PciConfig.CAPABILITY_PCI_EXPRESS))
                    .isEqualTo(0xA0);
            assertThat(device.bar(0).size()).isEqualTo(128 << 10);
            assertThat(device.interruptVectors()).isEqualTo(64);
        }
    }

    @Test
    void aVectorWakesItsOwnEventCounter() {
        try (VfioUserDevice device = VfioUserDevice.open(card.socket);
                Interrupts interrupts = device.interrupts(12)) {
            Registers registers = device.bar(0).registers();
            registers.write32(GPIE, 1 << 4); // MSI-X
            registers.write32(EIMS, 1 << 9);
            registers.write32(EICS, 1 << 9);
            assertThat(Registers.await(() -> interrupts.event(9).drain(), 5_000_000_000L))
                    .isTrue();
            assertThat(interrupts.event(8).drain()).isFalse();
            registers.write32(EIMC, 0x7FFF_FFFF); // masked again, as before a reset
        }
    }

    @Test
    void aFunctionLevelResetTakesBusMasteringAway() {
        try (VfioUserDevice device = VfioUserDevice.open(card.socket)) {
            device.setBusMaster(true);
            device.bar(0).registers().write32(LEDCTL, 7);
            device.config().write16(0xA8, 1 << 15); // device control of PCI Express
            assertThat(device.config().read16(PciConfig.COMMAND)).isZero();
            assertThat(device.bar(0).read32(LEDCTL)).isZero();
        }
    }
}
