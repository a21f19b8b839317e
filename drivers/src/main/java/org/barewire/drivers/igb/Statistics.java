package org.barewire.drivers.igb;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.memory.Registers;

/// The device's counters (82576 datasheet, 8.19), summed up in 64 bits. Reading one clears it; none fills up
/// between two reads.
final class Statistics {
    private static final Map<String, Integer> NAMES = names();

    private final Registers registers;
    private final IgbModel.Chip chip;
    private final int queues;
    private final Map<String, Long> sums = new LinkedHashMap<>();

    Statistics(Registers registers, IgbModel.Chip chip, int queues) {
        this.registers = registers;
        this.chip = chip;
        this.queues = queues;
    }

    /// Forgets what has been counted before.
    void clear() {
        read(0);
        sums.clear();
    }

    /// Reads the device's counters and returns the sums.
    ///
    /// @param txErrors packets that the send queues could not send, which the device never sees
    DeviceStatistics read(long txErrors) {
        NAMES.forEach((name, register) -> add(name, registers.read32(register) & 0xFFFF_FFFFL));
        addPair("GORC", Reg.GORCL, Reg.GORCH);
        addPair("GOTC", Reg.GOTCL, Reg.GOTCH);
        for (int i = 0; i < queues && chip.isAdvanced(); i++) {
            add("RQDPC", registers.read32(Reg.rqdpc(i)) & 0xFFFF_FFFFL);
            if (chip == IgbModel.Chip.I210 || chip == IgbModel.Chip.I211) {
                registers.write32(Reg.rqdpc(i), 0); // there alone reading does not clear it
            }
        }
        return new DeviceStatistics(
                sum("GPRC"),
                withoutFcs(sum("GORC"), sum("GPRC")),
                sum("MPC") + sum("RQDPC"),
                sum("CRCERRS")
                        + sum("ALGNERRC")
                        + sum("RXERRC")
                        + sum("RLEC")
                        + sum("RUC")
                        + sum("RFC")
                        + sum("ROC")
                        + sum("RJC"),
                sum("GPTC"),
                withoutFcs(sum("GOTC"), sum("GPTC")),
                txErrors,
                Collections.unmodifiableMap(new LinkedHashMap<>(sums)));
    }

    /// Emulated cards may count packets and no bytes.
    private static long withoutFcs(long bytes, long packets) {
        return Math.max(0, bytes - PhysicalNic.FCS * packets);
    }

    private void add(String name, long amount) {
        sums.merge(name, amount, Long::sum);
    }

    /// The low half first; reading the high one clears both (8254x manual, 13.7.31).
    private void addPair(String name, int low, int high) {
        long lowBits = registers.read32(low) & 0xFFFF_FFFFL;
        add(name, lowBits | (long) registers.read32(high) << 32);
    }

    private long sum(String name) {
        return sums.getOrDefault(name, 0L);
    }

    private static Map<String, Integer> names() {
        Map<String, Integer> names = new LinkedHashMap<>();
        names.put("CRCERRS", Reg.CRCERRS);
        names.put("ALGNERRC", Reg.ALGNERRC);
        names.put("RXERRC", Reg.RXERRC);
        names.put("MPC", Reg.MPC);
        names.put("RLEC", Reg.RLEC);
        names.put("XONRXC", Reg.XONRXC);
        names.put("XONTXC", Reg.XONTXC);
        names.put("XOFFRXC", Reg.XOFFRXC);
        names.put("XOFFTXC", Reg.XOFFTXC);
        names.put("PRC64", Reg.PRC64);
        names.put("PRC127", Reg.PRC127);
        names.put("PRC255", Reg.PRC255);
        names.put("PRC511", Reg.PRC511);
        names.put("PRC1023", Reg.PRC1023);
        names.put("PRC1522", Reg.PRC1522);
        names.put("GPRC", Reg.GPRC);
        names.put("BPRC", Reg.BPRC);
        names.put("MPRC", Reg.MPRC);
        names.put("GPTC", Reg.GPTC);
        names.put("RNBC", Reg.RNBC);
        names.put("RUC", Reg.RUC);
        names.put("RFC", Reg.RFC);
        names.put("ROC", Reg.ROC);
        names.put("RJC", Reg.RJC);
        names.put("TPR", Reg.TPR);
        names.put("TPT", Reg.TPT);
        names.put("PTC64", Reg.PTC64);
        names.put("PTC127", Reg.PTC127);
        names.put("PTC255", Reg.PTC255);
        names.put("PTC511", Reg.PTC511);
        names.put("PTC1023", Reg.PTC1023);
        names.put("PTC1522", Reg.PTC1522);
        names.put("MPTC", Reg.MPTC);
        names.put("BPTC", Reg.BPTC);
        return names;
    }
}
