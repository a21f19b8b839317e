package org.barewire.drivers.ixgbe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.memory.Registers;

/// The device's counters (8.2.3.23), summed up in 64 bits. Reading one clears it, so nothing is lost as long
/// as they are read before they overflow: the byte counters have 36 bits, which 10 Gbit/s fill in 55 s.
final class IxgbeStatistics {
    private static final Map<String, Integer> NAMES = names();
    private static final int QUEUE_COUNTERS = 16;
    private static final int FCS = 4;

    private final Registers registers;
    private final LongSupplier sendErrors;
    private final Map<String, Long> sums = new LinkedHashMap<>();
    private long txErrors;

    /// Forgets what was counted before and gives each of the first 16 queues its own counters, the others
    /// sharing.
    ///
    /// @param sendErrors packets that the send queues could not send, which the device never sees
    IxgbeStatistics(Registers registers, LongSupplier sendErrors) {
        this.registers = registers;
        this.sendErrors = sendErrors;
        for (int i = 0; i < 32; i++) {
            int queue = 4 * i & QUEUE_COUNTERS - 1;
            int map = queue | queue + 1 << 8 | queue + 2 << 16 | queue + 3 << 24;
            registers.write32(Reg.rqsmr(i), map); // 8.2.3.23.69
            registers.write32(Reg.tqsm(i), map); // 8.2.3.23.71
        }
        read();
        sums.clear();
    }

    /// Reads the device's counters and returns the sums.
    DeviceStatistics read() {
        NAMES.forEach((name, register) -> add(name, registers.read32(register) & 0xFFFF_FFFFL));
        addPair("GORC", Reg.GORCL, Reg.GORCH);
        addPair("GOTC", Reg.GOTCL, Reg.GOTCH);
        addPair("TOR", Reg.TORL, Reg.TORH);
        for (int i = 0; i < 8; i++) {
            add("MPC", registers.read32(Reg.mpc(i)) & 0xFFFF_FFFFL);
        }
        for (int i = 0; i < QUEUE_COUNTERS; i++) {
            add("QPRDC", registers.read32(Reg.qprdc(i)) & 0xFFFF_FFFFL);
        }
        txErrors = sendErrors.getAsLong();
        return last();
    }

    /// The sums as of the last read.
    DeviceStatistics last() {
        return new DeviceStatistics(
                sum("GPRC"),
                sum("GORC") - FCS * sum("GPRC"),
                sum("MPC") + sum("QPRDC"),
                sum("CRCERRS")
                        + sum("ILLERRC")
                        + sum("ERRBC")
                        + sum("RLEC")
                        + sum("RUC")
                        + sum("RFC")
                        + sum("ROC")
                        + sum("RJC"),
                sum("GPTC"),
                sum("GOTC") - FCS * sum("GPTC"),
                txErrors,
                Collections.unmodifiableMap(new LinkedHashMap<>(sums)));
    }

    private void add(String name, long amount) {
        sums.merge(name, amount, Long::sum);
    }

    /// The low register first; reading the high one clears both (8.2.3.23.27).
    private void addPair(String name, int low, int high) {
        long lowBits = registers.read32(low) & 0xFFFF_FFFFL;
        add(name, lowBits | (registers.read32(high) & 0xFL) << 32);
    }

    private long sum(String name) {
        return sums.getOrDefault(name, 0L);
    }

    private static Map<String, Integer> names() {
        Map<String, Integer> names = new LinkedHashMap<>();
        names.put("CRCERRS", Reg.CRCERRS);
        names.put("ILLERRC", Reg.ILLERRC);
        names.put("ERRBC", Reg.ERRBC);
        names.put("MLFC", Reg.MLFC);
        names.put("MRFC", Reg.MRFC);
        names.put("RLEC", Reg.RLEC);
        names.put("LXONTXC", Reg.LXONTXC);
        names.put("LXONRXCNT", Reg.LXONRXCNT);
        names.put("LXOFFTXC", Reg.LXOFFTXC);
        names.put("LXOFFRXCNT", Reg.LXOFFRXCNT);
        names.put("PRC64", Reg.PRC64);
        names.put("PRC127", Reg.PRC127);
        names.put("PRC255", Reg.PRC255);
        names.put("PRC511", Reg.PRC511);
        names.put("PRC1023", Reg.PRC1023);
        names.put("PRC1522", Reg.PRC1522);
        names.put("BPRC", Reg.BPRC);
        names.put("MPRC", Reg.MPRC);
        names.put("GPRC", Reg.GPRC);
        names.put("GPTC", Reg.GPTC);
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
        names.put("MSPDC", Reg.MSPDC);
        names.put("XEC", Reg.XEC);
        return names;
    }
}
