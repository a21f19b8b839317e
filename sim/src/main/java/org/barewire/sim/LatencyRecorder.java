package org.barewire.sim;

/// Takes the latency of each frame that a sink has checked. Called by the simulation's thread, once a frame:
/// it must not allocate or block.
@FunctionalInterface
public interface LatencyRecorder {
    /// Records one.
    ///
    /// @param nanos from when the frame was written to when it was delivered
    void record(long nanos);
}
