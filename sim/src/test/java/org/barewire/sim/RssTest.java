package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// Against the verification suite of Microsoft's "Verifying the RSS Hash Calculation".
class RssTest {
    private static final String KEY =
            "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";
    private static final int ALL_FIELDS = Reg.MRQC_IPV4
            | Reg.MRQC_TCP_IPV4
            | Reg.MRQC_UDP_IPV4
            | Reg.MRQC_IPV6
            | Reg.MRQC_TCP_IPV6
            | Reg.MRQC_UDP_IPV6;

    @Test
    void hashesAreThoseOfTheVerificationSuite() {
        try (Bench bench = up(ALL_FIELDS)) {
            assertHash(bench, Frames.tcp4(20), 0x51ccc178, RssHash.TYPE_TCP_IPV4);
            assertHash(bench, Frames.udp4(20), 0x51ccc178, RssHash.TYPE_UDP_IPV4);
            assertHash(bench, Frames.tcp6(20), 0x40207d3d, RssHash.TYPE_TCP_IPV6);
            assertHash(bench, Frames.udp6(20), 0x40207d3d, RssHash.TYPE_UDP_IPV6);
        }
        try (Bench bench = up(Reg.MRQC_IPV4 | Reg.MRQC_IPV6)) {
            assertHash(bench, Frames.tcp4(20), 0x323e8fc2, RssHash.TYPE_IPV4);
            assertHash(bench, Frames.tcp6(20), 0x2cc18cd5, RssHash.TYPE_IPV6);
        }
    }

    @Test
    void theHashChoosesTheQueueByTheRedirectionTable() {
        try (Bench bench = up(ALL_FIELDS)) {
            int entry = 0x51ccc178 & 0x7F;
            bench.registers.write32(0x5C00 + 4 * (entry >> 2), 1 << 8 * (entry & 3)); // by the alias
            long ring = bench.memory.allocateRing(Bench.RING * 16);
            bench.prepareRxQueue(1, ring);
            bench.enableRxQueue(1);
            Memory.putLong(ring, PacketMemory.ioAddress(bench.txBuffer(0)));
            bench.registers.write32(Reg.rdt(1), 1);
            bench.receive(Frames.tcp4(20));
            bench.receive(Frames.tcp6(20));
            assertThat(Memory.getLong(ring + 8) & 3).isEqualTo(3);
            assertThat(bench.rxUpper(0) & 3).isEqualTo(3);
            assertThat(bench.registers.read32(Reg.rdh(0))).isEqualTo(1);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void framesThatAreNotIpHaveNoHash() {
        try (Bench bench = up(ALL_FIELDS)) {
            assertHash(bench, Frames.broadcast(60), 0, RssHash.TYPE_NONE);
        }
    }

    @Test
    void theTableOfTheHashAgreesWithItsDefinition() {
        Random random = new Random(1);
        RegisterFile registers = new RegisterFile();
        byte[] key = new byte[40];
        random.nextBytes(key);
        for (int i = 0; i < 40; i++) {
            int register = Reg.rssrk(i >> 2);
            registers.put(register, registers.get(register) | (key[i] & 0xFF) << 8 * (i & 3));
        }
        RssHash hash = new RssHash(registers);
        try (Bench bench = new Bench()) {
            byte[] input = new byte[36];
            for (int round = 0; round < 100; round++) {
                random.nextBytes(input);
                Memory.copy(input, 0, bench.txBuffer(0), 36);
                assertThat(hash.of(bench.txBuffer(0), 32, bench.txBuffer(0) + 32))
                        .isEqualTo(toeplitz(key, input));
            }
        }
    }

    private static int toeplitz(byte[] key, byte[] input) {
        int hash = 0;
        for (int bit = 0; bit < 8 * input.length; bit++) {
            if ((input[bit / 8] >> 7 - bit % 8 & 1) != 0) {
                int window = 0;
                for (int i = bit; i < bit + 32; i++) {
                    window = window << 1 | (i < 320 ? key[i / 8] >> 7 - i % 8 & 1 : 0);
                }
                hash ^= window;
            }
        }
        return hash;
    }

    private static void assertHash(Bench bench, byte[] frame, int hash, int type) {
        int slot = bench.registers.read32(Reg.rdh(0));
        bench.receive(frame);
        assertThat((int) (bench.rxLower(slot) >>> 32)).isEqualTo(hash);
        assertThat(bench.rxLower(slot) & 0xF).isEqualTo(type);
    }

    private static Bench up(int fields) {
        Bench bench = Bench.up();
        byte[] key = Frames.hex(KEY);
        for (int i = 0; i < 10; i++) {
            int word = 0;
            for (int j = 3; j >= 0; j--) {
                word = word << 8 | key[4 * i + j] & 0xFF;
            }
            bench.registers.write32(Reg.rssrk(i), word);
        }
        bench.registers.write32(Reg.RXCSUM, Reg.RXCSUM_PCSD);
        bench.registers.write32(Reg.MRQC, Reg.MRQC_RSS | fields);
        return bench;
    }
}
