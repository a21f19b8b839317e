package org.barewire.drivers.intel;

import org.jspecify.annotations.Nullable;

/// A card's interrupts: one for each receive queue and, if there is one left, one for the link.
public interface CardInterrupts extends AutoCloseable {
    /// Has a receive queue interrupt, but not before it is let.
    CardInterrupt connect(int queue);

    /// Has changes of the link interrupt, but not before they are let; null if there is no vector left for
    /// them, or the device has no link of its own.
    ///
    /// @param queues whose vectors are the first ones
    @Nullable
    CardInterrupt connectLink(int queues);

    /// Gives them back.
    @Override
    void close();
}
