package org.barewire.drivers;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Fd;

/// A message that descriptors go along with.
///
/// One that was received owns its descriptors until {@link #takeFd} or {@link #close}; one that is to be sent
/// doesn't: the sender keeps its own.
public abstract class FdMessage implements AutoCloseable {
    private final List<Integer> fds;

    protected FdMessage(List<Integer> fds) {
        this.fds = new ArrayList<>(fds);
    }

    /// How many descriptors are left in it.
    public final int fds() {
        return fds.size();
    }

    /// Takes the first descriptor that is left; the caller owns it.
    public final int takeFd() {
        return fds.removeFirst();
    }

    /// The descriptors that are left in it.
    public final List<Integer> fdList() {
        return List.copyOf(fds);
    }

    /// Closes the descriptors that have not been taken. For messages that were received.
    @Override
    public final void close() {
        fds.forEach(Fd::close);
        fds.clear();
    }
}
