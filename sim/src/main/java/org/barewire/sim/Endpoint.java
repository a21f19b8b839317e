package org.barewire.sim;

/// What is plugged into one end of a {@link Wire}: a device model or a tester. Called by the simulation's
/// thread.
public interface Endpoint {
    /// A whole frame has arrived, without its check sequence.
    ///
    /// @param address  where its bytes are; valid during the call only
    /// @param length   bytes, 0 to {@link Wire#MAX_FRAME}
    /// @param damaged  true if the frame check sequence does not fit the bytes any more
    void frameArrived(long address, int length, boolean damaged);

    /// The wire was plugged in or pulled out at the other end, or the other end's transmitter went on or off.
    default void carrierChanged(boolean up) {}
}
