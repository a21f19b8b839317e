package org.barewire.drivers.pci;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Vfio;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;

/// Interrupts that VFIO turns into signals of event counters.
final class VfioInterrupts implements Interrupts {
    private final int device;
    private final Kind kind;
    private final List<EventFd> events;
    private boolean closed;

    private VfioInterrupts(int device, Kind kind, List<EventFd> events) {
        this.device = device;
        this.kind = kind;
        this.events = events;
    }

    /// @param device the device's file, which is open for longer than this
    static VfioInterrupts open(int device, Kind kind, int vectors) {
        try (Undo undo = new Undo()) {
            List<EventFd> events = new ArrayList<>();
            for (int i = 0; i < vectors; i++) {
                EventFd event = EventFd.create();
                undo.add(event::close);
                events.add(event);
            }
            Vfio.signal(device, number(kind), events);
            undo.forget();
            return new VfioInterrupts(device, kind, List.copyOf(events));
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
    public Kind kind() {
        return kind;
    }

    @Override
    public int vectors() {
        return events.size();
    }

    @Override
    public EventFd event(int vector) {
        return events.get(vector);
    }

    @Override
    public void unmask() {
        if (kind == Kind.INTX) {
            Vfio.unmask(device);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Steps steps = new Steps();
            steps.take(() -> Vfio.silence(device, number(kind)));
            events.forEach(event -> steps.take(event::close));
            steps.end();
        }
    }
}
