package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void goodFramesAreCountedByKindAndSizeWithTheirCheckSequence() {
        try (Bench bench = Bench.up()) {
            int[] buckets = {Reg.PRC64, Reg.PRC127, Reg.PRC255, Reg.PRC511, Reg.PRC1023, Reg.PRC1522};
            int[] sizes = {60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514};
            int bytes = 0;
            for (int size : sizes) {
                bench.receive(Frames.broadcast(size));
                bytes += size + 4;
            }
            int[] expected = {1, 2, 2, 2, 2, 2};
            for (int i = 0; i < buckets.length; i++) {
                assertThat(bench.registers.read32(buckets[i]))
                        .as("bucket %d", i)
                        .isEqualTo(expected[i]);
            }
            assertThat(bench.registers.read32(Reg.GPRC)).isEqualTo(sizes.length);
            assertThat(bench.registers.read32(Reg.BPRC)).isEqualTo(sizes.length);
            assertThat(bench.registers.read32(Reg.MPRC)).isZero();
            assertThat(bench.registers.read32(Reg.GORCL)).isEqualTo(bytes);
            assertThat(bench.registers.read32(Reg.GORCH)).isZero();
        }
    }

    @Test
    void sentFramesAreCounted() {
        try (Bench bench = Bench.up()) {
            bench.send(Frames.broadcast(60));
            bench.send(Frames.to("01005e000001", 200));
            bench.send(Frames.to("020000000009", 200));
            assertThat(bench.registers.read32(Reg.GPTC)).isEqualTo(3);
            assertThat(bench.registers.read32(Reg.TPT)).isEqualTo(3);
            assertThat(bench.registers.read32(Reg.BPTC)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.MPTC)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.PTC64)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.PTC255)).isEqualTo(2);
            assertThat(bench.registers.read32(Reg.GOTCL)).isEqualTo(64 + 204 + 204);
            assertThat(bench.registers.read32(Reg.qptc(0))).isEqualTo(3);
            assertThat(bench.registers.read32(Reg.qbtcl(0))).isEqualTo(64 + 204 + 204);
        }
    }

    @Test
    void readingClearsAndTheUpperHalfClearsAPair() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            assertThat(bench.registers.read32(Reg.GPRC)).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.GPRC)).isZero();
            assertThat(bench.registers.read32(Reg.GORCL)).isEqualTo(64);
            bench.receive(Frames.broadcast(60)); // between the halves: must not be lost
            assertThat(bench.registers.read32(Reg.GORCH)).isZero();
            assertThat(bench.registers.read32(Reg.GORCL)).isEqualTo(64);
        }
    }

    @Test
    void aPairHasThirtySixBits() {
        RegisterFile registers = new RegisterFile();
        Statistics statistics = new Statistics(registers);
        for (int i = 0; i < 10; i++) {
            statistics.received(false, false, Integer.MAX_VALUE);
        }
        long bytes = registers(statistics, Reg.GORCL) | registers(statistics, Reg.GORCH) << 32;
        assertThat(bytes).isEqualTo(10L * Integer.MAX_VALUE);
    }

    @Test
    void queuesCountWhereTheyAreMappedTo() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.rqsmr(0), 9);
            bench.receive(Frames.broadcast(60));
            assertThat(bench.registers.read32(Reg.qprc(0))).isZero();
            assertThat(bench.registers.read32(Reg.qprc(9))).isEqualTo(1);
            assertThat(bench.registers.read32(Reg.qbrcl(9))).isEqualTo(60); // without the stripped FCS
            bench.registers.write32(Reg.tqsm(0), 3);
            bench.send(Frames.broadcast(60));
            assertThat(bench.registers.read32(0x06030 + 3 * 0x40)).isEqualTo(1); // QPTC(3) by its alias
        }
    }

    private static long registers(Statistics statistics, int offset) {
        return statistics.readWide(offset) & 0xFFFF_FFFFL;
    }
}
