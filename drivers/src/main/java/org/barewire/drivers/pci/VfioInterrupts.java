package org.barewire.drivers.pci;

import org.barewire.core.linux.Vfio;
import org.barewire.drivers.Undo;

/// Interrupts that VFIO turns into signals of event counters.
final class VfioInterrupts extends Interrupts {
    private final int device;

    private VfioInterrupts(int device, Kind kind, int vectors) {
        super(kind, vectors);
        this.device = device;
    }

    /// @param device the device's file, which is open for longer than this
    static VfioInterrupts open(int device, Kind kind, int vectors) {
        try (Undo undo = new Undo()) {
            VfioInterrupts interrupts = new VfioInterrupts(device, kind, vectors);
            undo.add(interrupts::close);
            Vfio.signal(device, number(kind), interrupts.events(0, vectors));
            undo.forget();
            return interrupts;
        }
    }

    private static int number(Kind kind) {
        return switch (kind) {
            case MSIX -> Vfio.MSIX;
            case MSI -> Vfio.MSI;
            case INTX -> Vfio.INTX;
        };
    }

    @Override
    public void unmask() {
        if (kind() == Kind.INTX) {
            Vfio.unmask(device);
        }
    }

    @Override
    protected void silence() {
        Vfio.silence(device, number(kind()));
    }
}
