package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MdioPhyTest {
    private static final int PMA = 1;
    private static final int NEGOTIATION = 7;
    private static final int ADDRESS = 0;
    private static final int WRITE = 1;
    private static final int READ_AND_INCREMENT = 2;
    private static final int READ = 3;

    @ParameterizedTest
    @ValueSource(ints = {0x151C, 0x1528, 0x1560, 0x1563, 0x15D1})
    void copperCardsHaveAPhyAndOthersNone(int deviceId) {
        try (Bench bench = new Bench(deviceId)) {
            assertThat(read(bench, 0, PMA, 2)).isEqualTo(0x0154);
            assertThat(read(bench, 0, PMA, 3)).isEqualTo(0x0200);
            assertThat(read(bench, 0, PMA, 4)).isEqualTo(0x31); // 10 Gbit/s, 1 Gbit/s, 100 Mbit/s
            assertThat(read(bench, 1, PMA, 2)).isEqualTo(0xFFFF); // it has address 0
            assertThat(read(bench, 0, 2, 2)).isEqualTo(0xFFFF); // and no such device in it
        }
        try (Bench bench = new Bench()) {
            assertThat(read(bench, 0, PMA, 2)).isEqualTo(0xFFFF);
        }
    }

    @Test
    void itsRegistersKeepWhatIsWritten() {
        try (Bench bench = new Bench(0x1528)) {
            write(bench, NEGOTIATION, 32, 0x1000);
            write(bench, NEGOTIATION, 33, 0x0042);
            write(bench, PMA, 32, 0x0001);
            assertThat(read(bench, 0, NEGOTIATION, 32)).isEqualTo(0x1000);
            assertThat(read(bench, 0, PMA, 32)).isEqualTo(0x0001);
            command(bench, ADDRESS, 0, NEGOTIATION, 32);
            command(bench, READ_AND_INCREMENT, 0, NEGOTIATION, 0);
            assertThat(bench.registers.read32(Reg.MSRWD) >>> 16).isEqualTo(0x1000);
            command(bench, READ, 0, NEGOTIATION, 0);
            assertThat(bench.registers.read32(Reg.MSRWD) >>> 16).isEqualTo(0x0042);
        }
    }

    @Test
    void aResetAndARestartAreDoneAtOnce() {
        try (Bench bench = new Bench(0x1528)) {
            write(bench, NEGOTIATION, 0, 0xB200);
            assertThat(read(bench, 0, NEGOTIATION, 0)).isEqualTo(0x3000);
        }
    }

    @Test
    void itsLinkIsTheWires() {
        try (Bench bench = new Bench(0x1528)) {
            bench.bringUp();
            assertThat(bench.registers.read32(Reg.LINKS) & Reg.LINKS_UP).isNotZero();
            assertThat(read(bench, 0, NEGOTIATION, 1)).isEqualTo(0x24);
            assertThat(read(bench, 0, PMA, 1)).isEqualTo(0x04);
            bench.wire.right().disconnect();
            bench.step();
            assertThat(read(bench, 0, PMA, 1)).isZero();
        }
    }

    private static int read(Bench bench, int phy, int device, int register) {
        command(bench, ADDRESS, phy, device, register);
        command(bench, READ, phy, device, 0);
        return bench.registers.read32(Reg.MSRWD) >>> 16;
    }

    private static void write(Bench bench, int device, int register, int value) {
        command(bench, ADDRESS, 0, device, register);
        bench.registers.write32(Reg.MSRWD, value);
        command(bench, WRITE, 0, device, 0);
    }

    private static void command(Bench bench, int operation, int phy, int device, int register) {
        bench.registers.write32(Reg.MSCA, Reg.MSCA_MDICMD | operation << 26 | phy << 21 | device << 16 | register);
        bench.await(Reg.MSCA, Reg.MSCA_MDICMD, 0);
    }
}
