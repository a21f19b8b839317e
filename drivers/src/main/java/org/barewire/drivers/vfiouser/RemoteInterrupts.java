package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.EventFd;
import org.barewire.drivers.Undo;
import org.barewire.drivers.pci.Interrupts;

/// Event counters that a server signals (DEVICE_SET_IRQS).
final class RemoteInterrupts extends Interrupts {
    private static final int MOST_VECTORS = 2048; // of MSI-X (PCI Local Bus Specification 3.0, 6.8.2)
    private static final int EVENTS = VfioUserCommand.DATA_EVENTFD | VfioUserCommand.ACTION_TRIGGER;
    private static final int NOTHING = VfioUserCommand.DATA_NONE | VfioUserCommand.ACTION_TRIGGER;
    private static final int UNMASK = VfioUserCommand.DATA_NONE | VfioUserCommand.ACTION_UNMASK;

    private final VfioUserSession session;

    private RemoteInterrupts(VfioUserSession session, Kind kind, int vectors) {
        super(kind, vectors);
        this.session = session;
    }

    /// How many interrupts a device has of one kind.
    static int count(VfioUserSession session, Kind kind) {
        ByteBuffer question = VfioUserMessage.payload(VfioUserCommand.IRQ_INFO_BYTES);
        question.putInt(VfioUserCommand.IRQ_INFO_BYTES).putInt(0).putInt(index(kind));
        ByteBuffer answer = session.request(
                "describe its interrupts",
                VfioUserCommand.DEVICE_GET_IRQ_INFO,
                question,
                VfioUserCommand.IRQ_INFO_BYTES);
        int count = answer.getInt(12);
        boolean wakes = (answer.getInt(4) & VfioUserCommand.IRQ_EVENTFD) != 0;
        if (count < 0 || count > MOST_VECTORS) {
            throw new DeviceException(
                    "the vfio-user server at %s says that it has %d interrupts".formatted(session.path(), count));
        }
        return wakes ? count : 0;
    }

    static RemoteInterrupts open(VfioUserSession session, Kind kind, int vectors) {
        try (Undo undo = new Undo()) {
            RemoteInterrupts interrupts = new RemoteInterrupts(session, kind, vectors);
            undo.add(interrupts::close);
            for (int first = 0; first < vectors; first += session.maxFds()) {
                interrupts.hand(first, Math.min(session.maxFds(), vectors - first));
            }
            undo.forget();
            return interrupts;
        }
    }

    @Override
    public void unmask() {
        if (kind() == Kind.INTX) {
            set(UNMASK, 0, 1);
        }
    }

    private void hand(int first, int count) {
        set(
                EVENTS,
                first,
                count,
                events(first, count).stream().mapToInt(EventFd::fd).toArray());
    }

    /// A server that is gone signals nothing any more.
    @Override
    protected void silence() {
        if (session.isAlive()) {
            set(NOTHING, 0, 0);
        }
    }

    private void set(int flags, int first, int count, int... fds) {
        ByteBuffer order = VfioUserMessage.payload(VfioUserCommand.SET_IRQS_BYTES);
        order.putInt(VfioUserCommand.SET_IRQS_BYTES).putInt(flags).putInt(index(kind()));
        order.putInt(first).putInt(count);
        session.request("set its interrupts", VfioUserCommand.DEVICE_SET_IRQS, order, 0, fds);
    }

    private static int index(Kind kind) {
        return switch (kind) {
            case MSIX -> VfioUserCommand.IRQ_MSIX;
            case MSI -> VfioUserCommand.IRQ_MSI;
            case INTX -> VfioUserCommand.IRQ_INTX;
        };
    }
}
