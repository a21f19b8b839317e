package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.Counters;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An ixgbe device that fails in the middle of starting or stopping: whatever can be given back is.
class IxgbeFailureTest {
    private final IxgbeBench bench = new IxgbeBench();
    private final List<Region> mapped = new ArrayList<>();
    private long freeLine;

    @BeforeEach
    void countWhatIsMapped() {
        freeLine = nextLine();
        bench.dma = new DmaMapper() {
            @Override
            public void map(Region region) {
                mapped.add(region);
                bench.nic.map(region);
            }

            @Override
            public void unmap(Region region) {
                mapped.remove(region);
                bench.nic.unmap(region);
            }
        };
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(bench.released).isEqualTo(1);
        assertThat(mapped).isEmpty();
        assertThat(bench.memory.regions()).hasSizeLessThanOrEqualTo(1); // of rings
        assertThat(nextLine()).isEqualTo(freeLine);
        bench.close();
    }

    @Test
    void aQueueThatDoesNotStartLeavesNothingAndMayStartLater() {
        try (Ixgbe card = bench.open(bench.config())) {
            bench.failReads(Reg.rxdctl(0));
            assertThatThrownBy(() -> card.rx(0)).isInstanceOf(DeviceException.class);
            bench.failReads(Reg.txdctl(0));
            assertThatThrownBy(() -> card.tx(0)).isInstanceOf(DeviceException.class);
            assertThat(bench.memory.regions()).hasSize(1);
            assertThat(nextLine()).isEqualTo(freeLine);
            bench.faultyRead = offset -> 0;
            card.rx(0);
            card.tx(0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01028, 0x06028, 0x08D04}) // RXDCTL, TXDCTL, SECRXSTAT
    void aRelayThatDoesNotStartLeavesNothingAndMayStartLater(int register) {
        try (Ixgbe card = bench.open(bench.config())) {
            List<Ixgbe> self = List.of(card);
            bench.failReads(register);
            assertThatThrownBy(() -> card.relay(0, self, 0, p -> PacketHandler.DROP))
                    .isInstanceOf(DeviceException.class);
            bench.faultyRead = offset -> 0;
            card.relay(0, self, 0, p -> PacketHandler.DROP).close();
            assertThat(bench.memory.regions()).hasSize(1);
            assertThat(nextLine()).isEqualTo(freeLine);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x01028, 0x06028, 0x00200, 0x03000, 0x00000}) // RXDCTL, TXDCTL, LEDCTL, RXCTRL, CTRL
    void aDeviceThatDoesNotStopIsGivenBackWhole(int register) {
        Ixgbe card = bench.open(bench.config().withQueues(2));
        for (int i = 0; i < 2; i++) {
            card.rx(i);
            card.tx(i);
        }
        card.blink(true);
        bench.step();
        if (register == Reg.LEDCTL) {
            bench.failWrites(register); // it is not read then
        } else {
            bench.failReads(register);
        }
        assertThatThrownBy(card::close).hasMessageStartingWith("0x%05x can't be".formatted(register));
        card.close();
    }

    @Test
    void aDeviceIsGivenBackEvenIfItsMemoryCannotBeUnmapped() {
        DmaMapper whole = bench.dma;
        bench.dma = new DmaMapper() {
            @Override
            public void map(Region region) {
                whole.map(region);
            }

            @Override
            public void unmap(Region region) {
                whole.unmap(region);
                throw new IllegalStateException("the IOMMU is on fire");
            }
        };
        Ixgbe card = bench.open(bench.config());
        card.tx(0);
        assertThatThrownBy(card::close).hasMessage("the IOMMU is on fire");
    }

    @Test
    void anErrorWhileItIsOpenedGivesItBack() {
        bench.faultyRead = offset -> {
            throw new AssertionError("a system call failed inside the JVM");
        };
        bench.memory.add(1);
        assertThatThrownBy(() -> bench.open(bench.config())).isInstanceOf(AssertionError.class);
    }

    /// The line of counters that would be handed out next.
    private static long nextLine() {
        long line = Counters.allocate();
        Counters.free(line);
        return line;
    }
}
