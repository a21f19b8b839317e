package org.barewire.sim;

import java.util.Arrays;
import org.barewire.drivers.ixgbe.Reg;

/// What {@link RegisterList} says of each address, ready to be looked up.
final class RegisterTable {
    private static final int WORDS = Reg.SIZE / 4;
    private static final RegisterKind[] KINDS = new RegisterKind[WORDS];
    private static final int[] PROPER = new int[WORDS];
    private static final int[] DEFAULTS = new int[WORDS];
    private static final String[] NAMES = new String[WORDS];

    static {
        Arrays.fill(KINDS, RegisterKind.UNDEFINED);
        Arrays.fill(NAMES, "");
        RegisterList.REGISTERS.lines().forEach(RegisterTable::define);
        RegisterList.ALIASES.lines().forEach(RegisterTable::alias);
    }

    private RegisterTable() {}

    /// {@link RegisterKind#UNDEFINED} also for addresses that are not aligned or out of range.
    static RegisterKind kind(int offset) {
        return (offset & 3) != 0 || offset < 0 || offset >= Reg.SIZE ? RegisterKind.UNDEFINED : KINDS[offset >> 2];
    }

    /// The address proper of a register that has several.
    static int proper(int offset) {
        return PROPER[offset >> 2];
    }

    /// Name and index, as in `RDBAL(3)`.
    static String name(int offset) {
        return NAMES[offset >> 2];
    }

    static int[] defaults() {
        return DEFAULTS.clone();
    }

    private static void define(String line) {
        String[] columns = line.split(" +", -1);
        Range range = Range.parse(columns[1]);
        boolean upper = columns[0].endsWith("+");
        String name = upper ? columns[0].substring(0, columns[0].length() - 1) : columns[0];
        for (int i = 0; i < range.count; i++) {
            int word = (range.address + i * range.stride) >> 2;
            KINDS[word] = RegisterKind.valueOf(columns[2]);
            PROPER[word] = word << 2;
            NAMES[word] = range.count == 1 ? name : "%s(%d)".formatted(name, upper ? i + 64 : i);
            DEFAULTS[word] = columns.length > 3 ? Integer.parseUnsignedInt(columns[3], 16) : 0;
        }
    }

    private static void alias(String line) {
        String[] columns = line.split(" +", -1);
        Range range = Range.parse(columns[1]);
        String[] proper = columns[2].split("/", -1);
        for (int i = 0; i < range.count; i++) {
            int word = (range.address + i * range.stride) >> 2;
            int target = (Integer.parseInt(proper[0], 16) + i * Integer.parseInt(proper[1], 16)) >> 2;
            KINDS[word] = KINDS[target];
            PROPER[word] = target << 2;
            NAMES[word] = NAMES[target];
        }
    }

    private record Range(int address, int count, int stride) {
        static Range parse(String text) {
            String[] parts = text.split("[*/]", -1);
            return parts.length == 1
                    ? new Range(Integer.parseInt(text, 16), 1, 4)
                    : new Range(
                            Integer.parseInt(parts[0], 16), Integer.parseInt(parts[1]), Integer.parseInt(parts[2], 16));
        }
    }
}
