package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The control plane of the ixgbe driver, and the accesses of its bring-up.
class IxgbeControlTest {
    private final IxgbeBench bench = new IxgbeBench();

    @AfterEach
    void noRuleIsBroken() {
        assertThat(bench.released).isEqualTo(1);
        bench.close();
    }

    @Test
    void theAddressChangesAndStaysValid() {
        try (Ixgbe card = bench.open(bench.config())) {
            RxQueue rx = card.rx(0);
            bench.step();
            MacAddress other = MacAddress.parse("02:11:22:33:44:55");
            assertThat(card.macAddress()).isEqualTo(IxgbeBench.MAC);
            card.setMacAddress(other);
            assertThat(card.macAddress()).isEqualTo(other);
            assertThat(bench.writes(Reg.rah(0)).getLast() & Reg.RAH_AV).isEqualTo(Reg.RAH_AV);
            assertThat(passes(rx, "021122334455")).isTrue();
            assertThat(passes(rx, "020000000001")).isFalse();
            assertThatThrownBy(() -> card.setMacAddress(MacAddress.BROADCAST)).isInstanceOf(DeviceException.class);
        }
    }

    @Test
    void multicastPassesAsAsked() {
        try (Ixgbe card = bench.open(bench.config())) {
            RxQueue rx = card.rx(0);
            bench.step();
            assertThat(passes(rx, "01005e000001")).isFalse();
            card.setMulticast(List.of(MacAddress.parse("01:00:5e:00:00:01"), MacAddress.parse("33:33:00:01:ff:a7")));
            assertThat(passes(rx, "01005e000001")).isTrue();
            assertThat(passes(rx, "33330001ffa7")).isTrue();
            assertThat(passes(rx, "01005e000002")).isFalse();
            card.setAllMulticast(true);
            assertThat(passes(rx, "01005e000002")).isTrue();
            assertThat(passes(rx, "020000000099")).isFalse();
            card.setAllMulticast(false);
            card.setMulticast(List.of());
            assertThat(passes(rx, "01005e000001")).isFalse();
        }
    }

    @Test
    void promiscuityGoesOnAndOff() {
        try (Ixgbe card = bench.open(bench.config())) {
            RxQueue rx = card.rx(0);
            bench.step();
            for (int i = 0; i < 3; i++) {
                assertThat(passes(rx, "020000000099")).isFalse();
                card.setPromiscuous(true);
                assertThat(passes(rx, "020000000099")).isTrue();
                card.setPromiscuous(false);
            }
        }
    }

    @Test
    void theLampsShowWhatTheyShowedBefore() {
        try (Ixgbe card = bench.open(bench.config())) {
            int before = bench.nic.registers().read32(Reg.LEDCTL);
            card.blink(true);
            card.blink(true);
            assertThat(bench.nic.registers().read32(Reg.LEDCTL)).isNotEqualTo(before);
            card.blink(false);
            card.blink(false);
            assertThat(bench.nic.registers().read32(Reg.LEDCTL)).isEqualTo(before);
        }
    }

    @Test
    void aLinkThatIsDownSaysWhy() {
        try (Ixgbe card = bench.open(bench.config())) {
            bench.step();
            assertThat(card.link()).isEqualTo(LinkState.up(10_000_000_000L));
            bench.wire.right().disconnect();
            bench.step();
            assertThat(card.link().toString()).contains("down", "other end");
            bench.nic.insertModule(false);
            bench.step();
            assertThat(card.link().toString()).contains("down", "no SFP+ module");
        }
    }

    @Test
    void statisticsAddUpWithoutCheckSequences() {
        Ixgbe card = bench.open(bench.config());
        RxQueue rx = card.rx(0);
        TxQueue tx = card.tx(0);
        bench.step();
        for (int length : new int[] {60, 100, 1000}) {
            bench.arrive(Frames.broadcast(length));
        }
        long[] packets = new long[3];
        assertThat(rx.receive(packets)).isEqualTo(3);
        assertThat(tx.send(packets, 0, 3)).isEqualTo(3);
        card.close(); // what is handed over is sent first
        DeviceStatistics counted = card.statistics();
        assertThat(counted.rxPackets()).isEqualTo(3);
        assertThat(counted.rxBytes()).isEqualTo(1160);
        assertThat(counted.txPackets()).isEqualTo(3);
        assertThat(counted.txBytes()).isEqualTo(1160);
        assertThat(counted.rxMissed() + counted.rxErrors() + counted.txErrors()).isZero();
        assertThat(bench.frames).hasSize(3);
    }

    @Test
    void packetsThatCannotBeSentAreTheDevicesErrors() {
        Ixgbe card = bench.open(bench.config().withQueues(2));
        PacketPool pool = card.rx(0).pool();
        for (int i = 0; i < 2; i++) {
            long tooShort = pool.allocateCopy(new byte[10]);
            assertThat(card.tx(i).send(new long[] {tooShort}, 0, 1)).isEqualTo(1);
        }
        assertThat(card.statistics().txErrors()).isEqualTo(2);
        card.close();
        assertThat(card.statistics().txErrors()).isEqualTo(2);
    }

    @Test
    void countersAreNotSignExtended() {
        try (Ixgbe card = bench.open(bench.config())) {
            bench.faultyRead = offset -> offset == Reg.GORCL ? 0x8000_0000 : offset == Reg.GOTCH ? 0xF : 0;
            DeviceStatistics counted = card.statistics();
            bench.faultyRead = offset -> 0;
            assertThat(counted.rxBytes()).isEqualTo(0x8000_0000L);
            assertThat(counted.txBytes()).isEqualTo(0xF_0000_0000L);
        }
    }

    @Test
    void openingAndClosingLeavesNothingBehind() throws IOException {
        Ixgbe first = bench.open(bench.config());
        first.rx(0);
        first.close();
        int regions = bench.memory.regions().size();
        long files = files();
        for (int i = 0; i < 10; i++) {
            Ixgbe card = bench.open(bench.config());
            RxQueue rx = card.rx(0);
            TxQueue tx = card.tx(0);
            bench.step();
            bench.arrive(Frames.broadcast(60));
            tx.send(new long[] {IxgbeBench.one(rx)}, 0, 1);
            bench.arrive(Frames.broadcast(60));
            card.close();
        }
        assertThat(bench.released).isEqualTo(11);
        assertThat(bench.memory.regions()).hasSize(regions);
        assertThat(files()).isEqualTo(files);
        bench.released = 1;
    }

    @Test
    void aDamagedEepromKeepsItClosed() {
        bench.faultyRead = offset -> offset == Reg.EERD ? 1 << 20 : 0;
        assertThatThrownBy(() -> bench.open(bench.config()))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("EEPROM is damaged");
        assertThat(bench.nic.complaints()).isEmpty();
    }

    @Test
    void aDeviceThatStaysInResetKeepsItClosed() {
        boolean[] reset = new boolean[1];
        bench.faultyRead = offset -> {
            reset[0] |=
                    !bench.writes(Reg.CTRL).isEmpty() && (bench.writes(Reg.CTRL).getLast() & Reg.CTRL_RST) != 0;
            return reset[0] && offset == Reg.CTRL ? Reg.CTRL_RST : 0;
        };
        assertThatThrownBy(() -> bench.open(bench.config()))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void aSemaphoreThatADeadDriverHoldsIsTakenFromIt() {
        bench.nic.registers().read32(Reg.SWSM); // which takes SMBI
        bench.open(bench.config()).close();
    }

    @Test
    void anEepromThatADeadDriverHoldsIsTakenFromIt() {
        bench.faultyRead = offset -> offset == Reg.SW_FW_SYNC ? Reg.SW_FW_SYNC_EEP : 0; // and no reset clears it
        bench.open(bench.config()).close();
        bench.faultyRead = offset -> 0;
        assertThat(bench.nic.registers().read32(Reg.SW_FW_SYNC)).isZero();
    }

    @Test
    void aClosedDeviceSaysThatItIs() {
        Ixgbe card = bench.open(bench.config());
        card.close();
        bench.accesses.clear();
        List<ThrowingCallable> calls = List.of(
                card::link,
                card::macAddress,
                () -> card.setMacAddress(IxgbeBench.MAC),
                () -> card.setPromiscuous(true),
                () -> card.setAllMulticast(true),
                () -> card.setMulticast(List.of()),
                () -> card.blink(true),
                () -> card.rx(0),
                () -> card.tx(0));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(DeviceException.class).hasMessage("bench is closed");
        }
        assertThat(bench.accesses).isEmpty();
    }

    @Test
    void aReceiverThatDidNotStartIsStartedByTheNextCall() {
        try (Ixgbe card = bench.open(bench.config())) {
            bench.failReads(Reg.SECRXSTAT);
            assertThatThrownBy(() -> card.rx(0)).isInstanceOf(DeviceException.class);
            bench.faultyRead = offset -> 0;
            RxQueue rx = card.rx(0);
            bench.step();
            assertThat(passes(rx, "ffffffffffff")).isTrue();
            bench.failReads(Reg.SECRXSTAT);
            assertThatThrownBy(() -> card.setPromiscuous(true)).isInstanceOf(DeviceException.class);
            bench.faultyRead = offset -> 0;
            card.setPromiscuous(true);
            assertThat(passes(rx, "020000000099")).isTrue();
        }
    }

    @Test
    void reservedBitsAreLeftAlone() {
        try (Ixgbe card = bench.open(bench.config())) {
            card.rx(0);
            card.setPromiscuous(true);
            assertThat(bench.writes(Reg.EIMC)).isNotEmpty().allMatch(value -> value == 0x7FFF_FFFF);
            assertThat(bench.writes(Reg.DTXMXSZRQ)).containsExactly(0xFFF);
            int bits = bench.writes(Reg.RDRXCTL).getLast();
            assertThat(bits & Reg.RDRXCTL_RSCFRSTSIZE).isZero();
            assertThat(bits & (Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX | Reg.RDRXCTL_CRCSTRIP))
                    .isEqualTo(Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX | Reg.RDRXCTL_CRCSTRIP);
            assertThat(bench.writes(Reg.dcaRxctrl(0))).allMatch(value -> (value & Reg.DCA_RXCTRL_BIT_12) == 0);
        }
    }

    @Test
    void theFilterChangesOnlyWhileTheReceiverIsOff() {
        try (Ixgbe card = bench.open(bench.config())) {
            card.rx(0);
            card.setPromiscuous(true);
            card.setPromiscuous(false);
            boolean on = false;
            int changes = 0;
            for (IxgbeBench.Access access : bench.accesses) {
                if (access.write() && access.offset() == Reg.RXCTRL) {
                    on = (access.value() & Reg.RXCTRL_RXEN) != 0;
                }
                if (access.write() && access.offset() == Reg.FCTRL) {
                    assertThat(on).isFalse();
                    changes++;
                }
            }
            assertThat(changes).isEqualTo(3);
        }
    }

    @Test
    void theDataPathReadsNoRegister() {
        try (Ixgbe card = bench.open(bench.config())) {
            RxQueue rx = card.rx(0);
            TxQueue tx = card.tx(0);
            bench.step();
            bench.accesses.clear();
            long[] packets = new long[32];
            for (int i = 0; i < 300; i++) {
                bench.arrive(Frames.broadcast(60));
                tx.sendOrRelease(packets, rx.receive(packets));
                tx.reclaim();
            }
            assertThat(bench.accesses).isNotEmpty();
            assertThat(bench.accesses)
                    .allMatch(a -> a.write() && (a.offset() == Reg.rdt(0) || a.offset() == Reg.tdt(0)));
        }
    }

    private boolean passes(RxQueue rx, String address) {
        byte[] frame = Frames.to(address, 60);
        bench.arrive(frame);
        long[] packets = new long[2];
        int n = rx.receive(packets);
        if (n == 1) {
            assertThat(Arrays.equals(Packet.bytes(packets[0]), frame)).isTrue();
        }
        PacketPool.release(packets, 0, n);
        return n == 1;
    }

    private static long files() throws IOException {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            return list.count();
        }
    }
}
