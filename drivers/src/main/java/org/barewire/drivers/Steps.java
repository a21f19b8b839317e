package org.barewire.drivers;

import org.jspecify.annotations.Nullable;

/// Steps of which each is taken whatever became of those before it.
public final class Steps {
    private @Nullable Throwable failure;

    /// None so far.
    public Steps() {}

    /// Takes one, and keeps what it throws.
    public void take(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            if (failure == null) {
                failure = e;
            } else if (failure != e) {
                failure.addSuppressed(e);
            }
        }
    }

    /// Throws what the first step that failed has thrown; what later ones threw is suppressed in it.
    public void end() {
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
    }
}
