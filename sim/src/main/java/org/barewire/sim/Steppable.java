package org.barewire.sim;

/// A part of a simulation: moves on when it is told to, and only then.
public interface Steppable {
    /// Does what is due at `nowNanos`, which never goes back from call to call; does not wait.
    ///
    /// @return true if anything was done; a simulation whose parts have nothing to do may rest for a while
    boolean step(long nowNanos);
}
