package org.barewire.sim;

/// Joins two endpoints: what one sends arrives at the other in the next step.
public final class Wire implements Steppable {
    /// The longest frame in bytes, without its check sequence.
    public static final int MAX_FRAME = 16384;

    private final WireEnd left = new WireEnd();
    private final WireEnd right = new WireEnd();

    public Wire() {
        left.join(right);
        right.join(left);
    }

    public WireEnd left() {
        return left;
    }

    public WireEnd right() {
        return right;
    }

    @Override
    public boolean step(long nowNanos) {
        boolean worked = left.deliver();
        worked |= right.deliver();
        return worked;
    }
}
