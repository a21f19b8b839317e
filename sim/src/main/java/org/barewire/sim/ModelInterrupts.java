package org.barewire.sim;

import java.util.concurrent.Executor;
import org.barewire.drivers.pci.Interrupts;

/// The MSI-X vectors of a model, each of which signals an event counter.
final class ModelInterrupts extends Interrupts {
    private final Nic82599 nic;
    private final Executor between;

    /// @param between runs something between two steps of the model, and waits for that
    ModelInterrupts(Nic82599 nic, Executor between, int vectors) {
        super(Kind.MSIX, vectors);
        this.nic = nic;
        this.between = between;
        nic.onInterrupt(vector -> event(vector).signal());
    }

    @Override
    protected void silence() {
        between.execute(() -> nic.onInterrupt(vector -> {}));
    }
}
