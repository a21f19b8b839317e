package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.intel.CounterSums;

/// The device's counters (82576 datasheet, 8.19), summed up in 64 bits. Reading one clears it; none fills up
/// between two reads.
final class Statistics {
    private final Registers registers;
    private final IgbModel.Chip chip;
    private final int queues;
    private final CounterSums sums;

    Statistics(Registers registers, IgbModel.Chip chip, int queues) {
        this.registers = registers;
        this.chip = chip;
        this.queues = queues;
        this.sums = new CounterSums(registers);
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
        readRegisters();
        sums.readPair("GORC", Reg.GORCL, Reg.GORCH, -1);
        sums.readPair("GOTC", Reg.GOTCL, Reg.GOTCH, -1);
        for (int i = 0; i < queues && chip.isAdvanced(); i++) {
            sums.read("RQDPC", Reg.rqdpc(i));
            if (chip == IgbModel.Chip.I210 || chip == IgbModel.Chip.I211) {
                registers.write32(Reg.rqdpc(i), 0); // there alone reading does not clear it
            }
        }
        return new DeviceStatistics(
                sums.get("GPRC"),
                withoutFcs(sums.get("GORC"), sums.get("GPRC")),
                sums.get("MPC", "RQDPC"),
                sums.get("CRCERRS", "ALGNERRC", "RXERRC", "RLEC", "RUC", "RFC", "ROC", "RJC"),
                sums.get("GPTC"),
                withoutFcs(sums.get("GOTC"), sums.get("GPTC")),
                txErrors,
                sums.all());
    }

    /// Emulated cards may count packets and no bytes.
    private static long withoutFcs(long bytes, long packets) {
        return Math.max(0, bytes - PhysicalNic.FCS * packets);
    }

    private void readRegisters() {
        sums.read("CRCERRS", Reg.CRCERRS);
        sums.read("ALGNERRC", Reg.ALGNERRC);
        sums.read("RXERRC", Reg.RXERRC);
        sums.read("MPC", Reg.MPC);
        sums.read("RLEC", Reg.RLEC);
        sums.read("XONRXC", Reg.XONRXC);
        sums.read("XONTXC", Reg.XONTXC);
        sums.read("XOFFRXC", Reg.XOFFRXC);
        sums.read("XOFFTXC", Reg.XOFFTXC);
        sums.read("PRC64", Reg.PRC64);
        sums.read("PRC127", Reg.PRC127);
        sums.read("PRC255", Reg.PRC255);
        sums.read("PRC511", Reg.PRC511);
        sums.read("PRC1023", Reg.PRC1023);
        sums.read("PRC1522", Reg.PRC1522);
        sums.read("GPRC", Reg.GPRC);
        sums.read("BPRC", Reg.BPRC);
        sums.read("MPRC", Reg.MPRC);
        sums.read("GPTC", Reg.GPTC);
        sums.read("RNBC", Reg.RNBC);
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
    }
}
