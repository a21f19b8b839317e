package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class RegisterTableTest {
    /// What Linux's ixgbe 6.1 and DPDK's PMD were seen to access from probe to traffic: first, last and step.
    private static final String SEEN = """
            10010 10140 10160 00008 10014 10148 10150 08804 08d04 08800 08d00 04330 04240 08900 08e00 08808 08810
            08904-08914/4 08e04-08e30/4 03c00 05810 03000 00888 00800 06028-07fe8/40 01028-01fe8/40 0d028-0dfe8/40
            00000 0425c 04260 042a0 042a4 042a8 05400-0547c/4 0a600 0a604 0a280-0a5fc/4 05090 05200-053fc/4
            0f400-0f5fc/4 0a000-0a1fc/4 0f100-0f1fc/4 0f200-0f3fc/4 04000-04008/4 04010 03fa0-03fbc/4 04034-04038/4
            04040 03f60 03f68 041a4 041a8 03f00-03f3c/4 04140-0417c/4 03240-0325c/4 0405c-04080/4 04088-04094/4
            040a4-040b8/4 0cf90 040c0 040c4 040d0-040f4/4 01030-013f0/40 01034-013f4/40 01038-013f8/40 01430-017f0/40
            06030-063f0/40 08700-0877c/4 00018 04218 04208 042d0 042b0 15f0c 15f00 0cc00-0cc1c/4 04950-0496c/4
            03c04-03c1c/4 05080 0a608-0a9fc/4 0f000 05088 051b0 0ee00 0ee68 0ee6c 11074 0600c 0604c 02200 02204 05130
            0ec08 04900 08120 04a80 06000-06018/8 06040-06058/8 05480 02f00 03028 05008 05000 05c80-05ca4/4
            05c00-05c7c/4 05818 04268 01000-01018/8 02100 02104 05134 08c00 05188 05120 08c08 051a4 08c0c-08c14/4
            00ad0 00ad4 00898 00900 00820 00824 00828 00a00 00810 00880 00aa0 00aa4 03d00 03220-0323c/4 03260-0327c/4
            03200-0320c/4 032a0 00a90 00a94 04294 04904 04984 0220c-0223c/4 0140c
            """;

    @Test
    void everyRegisterThatTheOtherDriversAccessIsThere() {
        for (String range : SEEN.strip().split("\\s+", -1)) {
            String[] parts = range.split("[-/]", -1);
            int first = Integer.parseInt(parts[0], 16);
            int last = parts.length == 1 ? first : Integer.parseInt(parts[1], 16);
            int step = parts.length == 1 ? 4 : Integer.parseInt(parts[2], 16);
            for (int offset = first; offset <= last; offset += step) {
                assertThat(RegisterTable.kind(offset)).as("0x%05x", offset).isNotEqualTo(RegisterKind.UNDEFINED);
            }
        }
    }

    @Test
    void registersAreNamed() {
        assertThat(RegisterTable.name(Reg.rdt(3))).isEqualTo("RDT(3)");
        assertThat(RegisterTable.name(Reg.rdt(70))).isEqualTo("RDT(70)");
        assertThat(RegisterTable.name(Reg.CTRL)).isEqualTo("CTRL");
    }

    @Test
    void aliasesLeadToTheRegisterProper() {
        assertThat(RegisterTable.proper(0x02100 + 4 * 15)).isEqualTo(Reg.srrctl(15));
        assertThat(RegisterTable.proper(0x02200 + 4 * 15)).isEqualTo(Reg.dcaRxctrl(15));
        assertThat(RegisterTable.proper(0x05408)).isEqualTo(Reg.ral(1));
        assertThat(RegisterTable.proper(0x05818)).isEqualTo(Reg.MRQC);
        assertThat(RegisterTable.proper(0x05C7C)).isEqualTo(Reg.reta(31));
        assertThat(RegisterTable.proper(0x05CA4)).isEqualTo(Reg.rssrk(9));
    }

    @Test
    void noTwoRegistersHaveTheSameAddress() {
        long lines = RegisterList.REGISTERS
                .lines()
                .map(Pattern.compile("\\*(\\d+)/")::matcher)
                .mapToLong(count -> count.find() ? Long.parseLong(count.group(1)) : 1)
                .sum();
        long defined = 0;
        for (int offset = 0; offset < Reg.SIZE; offset += 4) {
            boolean proper =
                    RegisterTable.kind(offset) != RegisterKind.UNDEFINED && RegisterTable.proper(offset) == offset;
            defined += proper ? 1 : 0;
        }
        assertThat(defined).isEqualTo(lines);
    }
}
