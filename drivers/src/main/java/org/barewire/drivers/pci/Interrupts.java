package org.barewire.drivers.pci;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.EventFd;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;

/// The interrupts of a device, an event counter for each vector.
public abstract class Interrupts implements AutoCloseable {
    /// How a device interrupts.
    public enum Kind {
        MSIX,
        MSI,
        /// One line, which the kernel masks when it is raised, until {@link Interrupts#unmask}.
        INTX
    }

    private final Kind kind;
    private final List<EventFd> events;
    private boolean closed; // guarded by this

    /// With event counters that nothing signals yet.
    protected Interrupts(Kind kind, int vectors) {
        this.kind = kind;
        this.events = createEvents(vectors);
    }

    private static List<EventFd> createEvents(int vectors) {
        List<EventFd> events = new ArrayList<>();
        try (Undo undo = new Undo()) {
            undo.add(() -> events.forEach(EventFd::close));
            for (int i = 0; i < vectors; i++) {
                events.add(EventFd.create());
            }
            undo.forget();
        }
        return events;
    }

    public final Kind kind() {
        return kind;
    }

    public final int vectors() {
        return events.size();
    }

    /// What vector `vector`, from 0, signals. It stays this object's.
    public final EventFd event(int vector) {
        return events.get(vector);
    }

    /// The event counters of `count` vectors.
    protected final List<EventFd> events(int first, int count) {
        return events.subList(first, first + count);
    }

    /// Lets an INTx interrupt happen again, after its cause has been cleared in the device; nothing for the
    /// others.
    public void unmask() {}

    /// Has the device signal none of the event counters any more. Called once, before they are closed.
    protected abstract void silence();

    /// The device can't interrupt any more.
    @Override
    public final synchronized void close() {
        if (!closed) {
            closed = true;
            Steps steps = new Steps();
            steps.take(this::silence);
            events.forEach(event -> steps.take(event::close));
            steps.end();
        }
    }
}
