package org.barewire.sim;

/// A full-duplex Ethernet line between two {@linkplain Endpoint endpoints}: it takes the time that its rate
/// says, and loses, duplicates, reorders and corrupts what its {@link WireConfig} says.
///
/// Frames under way are copies in memory of the wire's own, some 100 microseconds' worth and what the delay
/// adds. The rate holds on average as long as the wire is stepped at least every 100 microseconds; a longer
/// pause is line time lost. A frame that is to be overtaken waits 1 ms for another one and then goes on
/// unharmed.
///
/// For the simulation's thread, the statistics apart.
public final class Wire implements Steppable, AutoCloseable {
    /// The longest frame, in bytes without its check sequence.
    public static final int MAX_FRAME = 16384;

    /// Bytes of line time that each frame costs beyond its own: preamble and start delimiter (8), check
    /// sequence (4) and gap (12), IEEE 802.3 3.1.1 and 4.4.2.
    public static final int FRAMING = 24;

    private final Lane rightward;
    private final Lane leftward;
    private final WireEnd left;
    private final WireEnd right;

    /// A wire that treats both directions alike, with different random numbers.
    public Wire(WireConfig config) {
        this(config, config.withSeed(~config.seed()));
    }

    /// A wire with a configuration for each direction.
    public Wire(WireConfig leftToRight, WireConfig rightToLeft) {
        rightward = new Lane(leftToRight);
        try {
            leftward = new Lane(rightToLeft);
        } catch (RuntimeException e) {
            rightward.close();
            throw e;
        }
        left = new WireEnd(rightward);
        right = new WireEnd(leftward);
        left.join(right);
        right.join(left);
    }

    public WireEnd left() {
        return left;
    }

    public WireEnd right() {
        return right;
    }

    /// Has the fates of frames follow from the seed as if the next one in each direction were the first.
    public void restart() {
        rightward.restart();
        leftward.restart();
    }

    /// Delivers what has arrived by now, at both ends.
    @Override
    public boolean step(long nowNanos) {
        boolean rightwards = rightward.step(nowNanos, right);
        boolean leftwards = leftward.step(nowNanos, left);
        return rightwards || leftwards;
    }

    /// Frees the wire's memory and with it the frames under way; nothing can be sent any more. Closing twice
    /// does nothing. To be called between two steps.
    @Override
    public void close() {
        rightward.close();
        leftward.close();
    }
}
