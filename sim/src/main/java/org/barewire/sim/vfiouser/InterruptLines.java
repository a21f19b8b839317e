package org.barewire.sim.vfiouser;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.LinuxException;
import org.barewire.drivers.vfiouser.VfioUserCommand;
import org.barewire.drivers.vfiouser.VfioUserMessage;
import org.jspecify.annotations.Nullable;

/// The event counters that a client wants its device's interrupts to signal (DEVICE_SET_IRQS). Safe to call
/// from any thread: the model's fires, the server's sets.
final class InterruptLines {
    private static final int ACTIONS =
            VfioUserCommand.ACTION_MASK | VfioUserCommand.ACTION_UNMASK | VfioUserCommand.ACTION_TRIGGER;

    private final List<@Nullable EventFd[]> events = new ArrayList<>(); // by kind and vector
    private boolean lineMasked; // of INTx, which masks itself
    private long fired;

    InterruptLines() {
        for (int kind = 0; kind < VfioUserCommand.IRQS; kind++) {
            events.add(new @Nullable EventFd[count(kind)]);
        }
    }

    /// How many interrupts there are of a kind.
    static int count(int kind) {
        return switch (kind) {
            case VfioUserCommand.IRQ_INTX, VfioUserCommand.IRQ_MSI -> 1;
            case VfioUserCommand.IRQ_MSIX -> ConfigSpace.VECTORS;
            default -> 0;
        };
    }

    /// The model interrupts: by MSI-X if the client has asked for that, else by MSI, else by INTx.
    synchronized void fire(int vector) {
        if (isSet(VfioUserCommand.IRQ_MSIX)) {
            signal(events.get(VfioUserCommand.IRQ_MSIX)[vector]);
        } else if (isSet(VfioUserCommand.IRQ_MSI)) {
            signal(events.get(VfioUserCommand.IRQ_MSI)[0]);
        } else if (!lineMasked) {
            lineMasked = true;
            signal(events.get(VfioUserCommand.IRQ_INTX)[0]);
        }
    }

    /// Interrupts that were signalled since the server was started.
    synchronized long fired() {
        return fired;
    }

    /// Does what a client asks; returns 0 or the number of the error, and calls `unmasked` if the line is not
    /// masked any more.
    synchronized int set(VfioUserMessage message, Runnable unmasked) {
        if (message.size() < VfioUserCommand.SET_IRQS_BYTES) {
            return Errno.EINVAL;
        }
        int flags = message.payload().getInt(4);
        int kind = message.payload().getInt(8);
        int first = message.payload().getInt(12);
        int count = message.payload().getInt(16);
        int most = kind < 0 || kind >= VfioUserCommand.IRQS ? 0 : count(kind);
        if (first < 0 || count < 0 || first > most - count) {
            return Errno.EINVAL;
        }
        int data = flags & ~ACTIONS;
        return switch (flags & ACTIONS) {
            case VfioUserCommand.ACTION_TRIGGER -> trigger(kind, data, first, count, message);
            case VfioUserCommand.ACTION_MASK -> mask(kind, data, true);
            case VfioUserCommand.ACTION_UNMASK -> {
                int result = mask(kind, data, false);
                if (result == 0) {
                    unmasked.run();
                }
                yield result;
            }
            default -> Errno.EINVAL;
        };
    }

    /// Nobody is signalled any more.
    synchronized void clear() {
        for (int kind = 0; kind < events.size(); kind++) {
            clear(kind);
        }
        lineMasked = false;
    }

    private int trigger(int kind, int data, int first, int count, VfioUserMessage message) {
        if (data == VfioUserCommand.DATA_NONE && count == 0) {
            clear(kind);
            return 0;
        }
        if (data == VfioUserCommand.DATA_NONE) {
            for (int i = first; i < first + count; i++) {
                signal(events.get(kind)[i]);
            }
            return 0;
        }
        if (data != VfioUserCommand.DATA_EVENTFD || message.fds() != 0 && message.fds() != count) {
            return Errno.EINVAL;
        }
        boolean taken = message.fds() > 0; // without descriptors those that are there are taken away
        for (int i = first; i < first + count; i++) {
            replace(kind, i, null);
            if (taken) {
                try {
                    replace(kind, i, EventFd.adopt(message.takeFd()));
                } catch (LinuxException e) {
                    return Errno.EINVAL;
                }
            }
        }
        lineMasked = false;
        return 0;
    }

    /// Only INTx can be masked here: the vectors of MSI-X are masked in the table, which is the client's.
    private int mask(int kind, int data, boolean on) {
        if (kind != VfioUserCommand.IRQ_INTX || data != VfioUserCommand.DATA_NONE) {
            return Errno.EINVAL;
        }
        lineMasked = on;
        return 0;
    }

    private boolean isSet(int kind) {
        for (EventFd event : events.get(kind)) {
            if (event != null) {
                return true;
            }
        }
        return false;
    }

    private void signal(@Nullable EventFd event) {
        if (event != null) {
            event.signal();
            fired++;
        }
    }

    private void clear(int kind) {
        for (int i = 0; i < events.get(kind).length; i++) {
            replace(kind, i, null);
        }
    }

    private void replace(int kind, int vector, @Nullable EventFd event) {
        EventFd before = events.get(kind)[vector];
        events.get(kind)[vector] = event;
        if (before != null) {
            before.close();
        }
    }
}
