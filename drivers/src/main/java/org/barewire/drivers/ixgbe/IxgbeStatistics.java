package org.barewire.drivers.ixgbe;

import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.intel.CounterSums;

/// The device's counters (8.2.3.23), summed up in 64 bits. Reading one clears it, so nothing is lost as long
/// as they are read before they overflow: the byte counters have 36 bits, which 10 Gbit/s fill in 55 s.
final class IxgbeStatistics {
    private static final int QUEUE_COUNTERS = 16;
    private static final int FCS = 4;

    private final CounterSums sums;

    /// Forgets what was counted before and gives each of the first 16 queues its own counters, the others
    /// sharing.
    IxgbeStatistics(Registers registers) {
        this.sums = new CounterSums(registers);
        for (int i = 0; i < 32; i++) {
            int queue = 4 * i & QUEUE_COUNTERS - 1;
            int map = queue | queue + 1 << 8 | queue + 2 << 16 | queue + 3 << 24;
            registers.write32(Reg.rqsmr(i), map); // 8.2.3.23.69
            registers.write32(Reg.tqsm(i), map); // 8.2.3.23.71
        }
        read(0);
        sums.clear();
    }

    /// Reads the device's counters and returns the sums.
    ///
    /// @param txErrors packets that the send queues could not send, which the device never sees
    DeviceStatistics read(long txErrors) {
        readRegisters();
        sums.readPair("GORC", Reg.GORCL, Reg.GORCH, 0xF);
        sums.readPair("GOTC", Reg.GOTCL, Reg.GOTCH, 0xF);
        sums.readPair("TOR", Reg.TORL, Reg.TORH, 0xF);
        for (int i = 0; i < 8; i++) {
            sums.read("MPC", Reg.mpc(i));
        }
        for (int i = 0; i < QUEUE_COUNTERS; i++) {
            sums.read("QPRDC", Reg.qprdc(i));
        }
        return new DeviceStatistics(
                sums.get("GPRC"),
                sums.get("GORC") - FCS * sums.get("GPRC"),
                sums.get("MPC", "QPRDC"),
                sums.get("CRCERRS", "ILLERRC", "ERRBC", "RLEC", "RUC", "RFC", "ROC", "RJC"),
                sums.get("GPTC"),
                sums.get("GOTC") - FCS * sums.get("GPTC"),
                txErrors,
                sums.all());
    }

    private void readRegisters() {
        sums.read("CRCERRS", Reg.CRCERRS);
        sums.read("ILLERRC", Reg.ILLERRC);
        sums.read("ERRBC", Reg.ERRBC);
        sums.read("MLFC", Reg.MLFC);
        sums.read("MRFC", Reg.MRFC);
        sums.read("RLEC", Reg.RLEC);
        sums.read("LXONTXC", Reg.LXONTXC);
        sums.read("LXONRXCNT", Reg.LXONRXCNT);
        sums.read("LXOFFTXC", Reg.LXOFFTXC);
        sums.read("LXOFFRXCNT", Reg.LXOFFRXCNT);
        sums.read("PRC64", Reg.PRC64);
        sums.read("PRC127", Reg.PRC127);
        sums.read("PRC255", Reg.PRC255);
        sums.read("PRC511", Reg.PRC511);
        sums.read("PRC1023", Reg.PRC1023);
        sums.read("PRC1522", Reg.PRC1522);
        sums.read("BPRC", Reg.BPRC);
        sums.read("MPRC", Reg.MPRC);
        sums.read("GPRC", Reg.GPRC);
        sums.read("GPTC", Reg.GPTC);
        sums.read("RUC", Reg.RUC);
        sums.read("RFC", Reg.RFC);
        sums.read("ROC", Reg.ROC);
        sums.read("RJC", Reg.RJC);
        sums.read("TPR", Reg.TPR);
        sums.read("TPT", Reg.TPT);
        sums.read("PTC64", Reg.PTC64);
        sums.read("PTC127", Reg.PTC127);
        sums.read("PTC255", Reg.PTC255);
        sums.read("PTC511", Reg.PTC511);
        sums.read("PTC1023", Reg.PTC1023);
        sums.read("PTC1522", Reg.PTC1522);
        sums.read("MPTC", Reg.MPTC);
        sums.read("BPTC", Reg.BPTC);
        sums.read("MSPDC", Reg.MSPDC);
        sums.read("XEC", Reg.XEC);
    }
}
