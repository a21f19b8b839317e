package org.barewire.cli;

import java.io.PrintWriter;
import java.util.List;
import org.barewire.sim.SimPorts;

/// The rules that drivers have broken on simulated cards during a command.
final class Complaints {
    private final int before = SimPorts.complaints().size();

    /// Prints each, and says whether there were any. To be asked when the devices have been closed.
    boolean print(PrintWriter err) {
        List<String> all = SimPorts.complaints();
        all.subList(Math.min(before, all.size()), all.size())
                .forEach(text -> err.println("the driver broke a rule of the datasheet on " + text));
        return all.size() > before;
    }
}
