package org.barewire.drivers.igb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.Offload;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.pci.Interrupts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the driver writes, and what it makes of the answers that QEMU's cards never give.
class IgbTest {
    private static final int E1000 = 0x100E;
    private static final int E1000E = 0x10D3;
    private static final int IGB = 0x10C9;
    private static final int VIRTUAL = 0x10CA;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final DeviceConfig config = DeviceConfig.standard().withMemory(memory);

    @AfterEach
    void freeMemory() {
        memory.close();
    }

    private static NetDevice open(FakeNic nic, DeviceConfig config) {
        return open(nic, config, Map.of());
    }

    private static NetDevice open(FakeNic nic, DeviceConfig config, Map<String, String> options) {
        return new IgbDriver().open("0000:00:05.0", nic, config, options);
    }

    @Test
    void aDamagedEepromIsRefusedAndTheCardGivenBack() {
        for (int id : new int[] {E1000, E1000E, IGB}) {
            FakeNic nic = new FakeNic(id);
            nic.eeprom[10] ^= 0x100;

            assertThatThrownBy(() -> open(nic, config))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("0000:00:05.0: its EEPROM is damaged: the checksum is 0x%04x, not 0x%04x"
                            .formatted(nic.eeprom[63], nic.eeprom[63] - 0x100 & 0xFFFF));
            assertThat(nic.closed).isEqualTo(1);
        }
    }

    @Test
    void anI210WithoutFlashHasNoEepromToVerify() {
        FakeNic nic = new FakeNic(0x157B);
        nic.eeprom[10] ^= 1;
        try (NetDevice device = open(nic, config)) {
            assertThat(device.description()).isEqualTo("igb I210 without flash");
        }
    }

    @Test
    void theAddressIsTheEepromsAlsoWhereAResetDoesNotBringItBack() {
        FakeNic nic = new FakeNic(E1000);
        nic.values.put(Reg.ral(0), 0x12345678);
        try (NetDevice device = open(nic, config)) {
            assertThat(device.macAddress()).isEqualTo(new MacAddress(FakeNic.ADDRESS));
        }
    }

    @ParameterizedTest
    @CsvSource({
        E1000 + ", INTX, 20, 79",
        E1000 + ", INTX, 16776, 65532",
        E1000E + ", MSIX, 0, 0",
        E1000E + ", MSIX, 100, 391",
        IGB + ", MSIX, 20, 80",
        IGB + ", MSIX, 8191, 32764"
    })
    void theTimerOfAnInterruptHoldsTheThrottleInItsUnits(int id, Interrupts.Kind kind, int micros, int value) {
        FakeNic nic = new FakeNic(id);
        nic.interrupts = kind;
        try (NetDevice device = open(nic, config, Map.of("throttle", Integer.toString(micros)))) {
            device.rx(0);
            assertThat(nic.values).containsEntry(timer(id), value);
        }
        nic.values.remove(timer(id));
        try (NetDevice device = open(nic, config)) {
            device.rx(0);
            assertThat(nic.values).containsEntry(timer(id), id == IGB ? 20 << 2 : 79); // 256 ns each
        }
    }

    private static int timer(int id) {
        return switch (id) {
            case E1000 -> Reg.ITR;
            case E1000E -> Reg.eitr82574(0);
            default -> Reg.eitr(0);
        };
    }

    @ParameterizedTest
    @CsvSource({E1000 + ", 16776", E1000E + ", 16776", IGB + ", 8191"})
    void aThrottleThatTheTimerCannotHoldIsRefused(int id, int most) {
        FakeNic nic = new FakeNic(id);
        assertThatThrownBy(() -> open(nic, config, Map.of("throttle", Integer.toString(most + 1))))
                .isInstanceOf(DeviceException.class)
                .hasMessage("throttle=%d: from 0 to %d is possible", most + 1, most);
        assertThat(nic.closed).isEqualTo(1);
    }

    @Test
    void aSleepingPhyIsWoken() {
        FakeNic nic = new FakeNic(IGB);
        nic.values.put(Reg.STATUS, 0);
        nic.phyControl = 1 << 11;
        open(nic, config).close();
        assertThat(nic.phyControl).isEqualTo(1 << 12);
        assertThat(nic.restarts).isEqualTo(1);
    }

    @Test
    void aLinkThatIsUpIsLeftAlone() {
        FakeNic nic = new FakeNic(IGB);
        open(nic, config).close();
        assertThat(nic.restarts).isZero();
    }

    @Test
    void aPhyThatDoesNotAnswerIsNamed() {
        FakeNic nic = new FakeNic(IGB) {
            @Override
            public int read32(int offset) {
                return offset == Reg.STATUS
                        ? 0
                        : offset == Reg.MDIC ? Reg.MDIC_READY | Reg.MDIC_ERROR : super.read32(offset);
            }
        };
        assertThatThrownBy(() -> open(nic, config)).hasMessageContaining("its PHY does not answer");
        assertThat(nic.closed).isEqualTo(1);
    }

    @Test
    void dmaIsAllowedAfterTheResetAndOverBeforeTheCardIsGivenBack() {
        FakeNic nic = new FakeNic(IGB) {
            @Override
            public void write32(int offset, int value) {
                if (offset == Reg.CTRL && (value & Reg.CTRL_RST) != 0 && closed == 0 && !values.containsKey(-1)) {
                    assertThat(busMaster).isFalse();
                    values.put(-1, 1); // the first one
                }
                super.write32(offset, value);
            }
        };
        NetDevice device = open(nic, config);
        assertThat(nic.busMaster).isTrue();
        device.close();
        device.close();
        assertThat(nic.closed).isEqualTo(1);
        assertThat(nic.read32(Reg.RCTL) & Reg.RCTL_EN).isZero();
    }

    @Test
    void theRedirectionTableHasTheQueueWhereTheChipLooksForIt() {
        FakeNic old = new FakeNic(E1000E);
        open(old, config.withQueues(2)).close();
        assertThat(old.read32(Reg.reta(5))).isEqualTo(0x8000_8000);
        assertThat(old.read32(Reg.MRQC)).isEqualTo(1 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 20);

        FakeNic igb = new FakeNic(IGB);
        open(igb, config.withQueues(4)).close();
        assertThat(igb.read32(Reg.reta(5))).isEqualTo(0x0302_0100);
        assertThat(igb.read32(Reg.MRQC)).isEqualTo(2 | 0xF7 << 16);
    }

    @Test
    void moreThanTheCardHasIsRefusedWithWhatItHas() {
        assertThatThrownBy(() -> open(new FakeNic(E1000E), config.withQueues(4)))
                .hasMessageContaining("has 2 queues each way, not 4; open it with ?queues=2");
        assertThatThrownBy(() -> open(new FakeNic(E1000E), config.withMtu(9500)))
                .hasMessageContaining("can't have an MTU of 9500; open it with ?mtu=9208 or less");
        assertThatThrownBy(() -> open(new FakeNic(VIRTUAL), config.withQueues(2)))
                .hasMessageContaining("has 1 queue each way");
    }

    @Test
    void tagsAreStrippedOnlyWhenAskedFor() {
        FakeNic nic = new FakeNic(IGB);
        open(nic, config).close();
        assertThat(nic.read32(Reg.CTRL) & Reg.CTRL_VME).isZero();
        open(nic, config.withOffloads(Set.of(Offload.VLAN_STRIP))).close();
        assertThat(nic.read32(Reg.CTRL) & Reg.CTRL_VME).isNotZero();
    }

    @Test
    void byteCountersHave64Bits() {
        FakeNic nic = new FakeNic(IGB);
        try (NetDevice device = open(nic, config)) {
            nic.values.putAll(Map.of(Reg.GPRC, 1, Reg.GORCL, 0xFFFF_FFF0, Reg.GORCH, 1));
            assertThat(device.statistics().rxBytes()).isEqualTo(0x1_FFFF_FFF0L - 4);
        }
    }

    @Test
    void aVirtualFunctionsCountersWrap() {
        FakeNic nic = new FakeNic(VIRTUAL);
        nic.values.put(Reg.VFGPRC, 0xFFFF_FFFE);
        try (NetDevice device = open(nic, config)) {
            assertThat(device.statistics().rxPackets()).isZero();
            nic.values.put(Reg.VFGPRC, 3);
            assertThat(device.statistics().rxPackets()).isEqualTo(5);
            nic.values.put(Reg.VFGPRC, 4);
            assertThat(device.statistics().rxPackets()).isEqualTo(6);
        }
    }

    @Test
    void aVirtualFunctionAsksForEverything() {
        FakeNic nic = new FakeNic(VIRTUAL);
        try (NetDevice device = open(nic, config)) {
            assertThat(device.macAddress()).isEqualTo(new MacAddress(FakeNic.ADDRESS));
            device.setMulticast(List.of(new MacAddress(0x0100_5E00_0001L), new MacAddress(0x0100_5E00_0002L)));
            assertThat(nic.read32(Reg.vmbmem(1))).isEqualTo(0x0020_0010);
            device.setAllMulticast(true);
        }
        assertThat(nic.messages).containsExactly(1, 5, 3 | 2 << 16, 6 | 2 << 16);
    }

    @ParameterizedTest
    @ValueSource(ints = {E1000, E1000E, IGB, VIRTUAL})
    void aCardThatIsPulledOutIsDownAndClosesAtOnce(int id) {
        FakeNic nic = new FakeNic(id);
        NetDevice device = open(nic, config);
        device.rx(0);
        device.tx(0);
        DeviceStatistics before = device.statistics();
        nic.removed = true;
        assertThat(device.link().up()).isFalse();
        assertThat(device.link().reason()).contains("unplugged");
        assertThat(device.statistics()).isEqualTo(before);
        device.close();
        assertThat(device.statistics()).isEqualTo(before);
        assertThat(nic.closed).isEqualTo(1);
    }

    @Test
    void aVirtualFunctionThatNobodyHasGivenAnAddressMakesOne() {
        FakeNic nic = new FakeNic(VIRTUAL);
        nic.refused = Mailbox.RESET;
        try (NetDevice device = open(nic, config)) {
            assertThat(device.macAddress().bits() >>> 40).isEqualTo(2);
        }
        assertThat(nic.messages).containsExactly(1, 2, 5);
    }

    @Test
    void whatThePhysicalFunctionRefusesChangesNothing() {
        FakeNic nic = new FakeNic(VIRTUAL);
        try (NetDevice device = open(nic, config)) {
            nic.refused = Mailbox.SET_ADDRESS;
            assertThatThrownBy(() -> device.setMacAddress(new MacAddress(0x0200_0000_0001L)))
                    .hasMessageContaining("refuses to give it the address 02:00:00:00:00:01");
            assertThat(device.macAddress()).isEqualTo(new MacAddress(FakeNic.ADDRESS));
            assertThatThrownBy(() -> device.setPromiscuous(true)).hasMessageContaining("use the physical one");
            nic.refused = Mailbox.SET_PROMISCUOUS;
            assertThatThrownBy(() -> device.setAllMulticast(true))
                    .hasMessageContaining("refuses to change what multicast frames it receives");
        }
    }

    @Test
    void aPhysicalFunctionThatDoesNotAnswerIsNamed() {
        FakeNic nic = new FakeNic(VIRTUAL) {
            @Override
            public void write32(int offset, int value) {
                if (offset != Reg.V2P_MAILBOX || value != Reg.V2P_REQ) {
                    super.write32(offset, value);
                }
            }
        };
        assertThatThrownBy(() -> open(nic, config)).hasMessageContaining("Is that one's interface up");
        assertThat(nic.closed).isEqualTo(1);
    }
}
