package org.barewire.sim;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.barewire.core.linux.EventFd;
import org.barewire.drivers.pci.Interrupts;

/// The MSI-X vectors of a model, each of which signals an event counter.
final class ModelInterrupts implements Interrupts {
    private final Nic82599 nic;
    private final Executor between;
    private final List<EventFd> events;
    private boolean closed;

    /// @param between runs something between two steps of the model, and waits for that
    ModelInterrupts(Nic82599 nic, Executor between, int vectors) {
        this.nic = nic;
        this.between = between;
        this.events = Stream.generate(EventFd::create).limit(vectors).toList();
        nic.onInterrupt(vector -> events.get(vector).signal());
    }

    @Override
    public Kind kind() {
        return Kind.MSIX;
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
    public void unmask() {}

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            between.execute(() -> nic.onInterrupt(vector -> {})); // none signals any more
            events.forEach(EventFd::close);
        }
    }
}
