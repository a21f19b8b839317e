package org.barewire.sim;

import java.util.SplittableRandom;

/// Decides what becomes of each frame of a wire's direction: one seeded die, thrown once a frame.
final class Fates {
    static final int CARRIED = 0;
    static final int LOST = 1;
    static final int DUPLICATED = 2;
    static final int REORDERED = 3;
    static final int CORRUPTED = 4;

    private final boolean certain;
    private final double lost;
    private final double duplicated;
    private final double reordered;
    private final double corrupted;
    private final SplittableRandom die;
    private final SplittableRandom bits; // apart, so that fates don't depend on what was corrupted before

    Fates(WireConfig config) {
        lost = config.loss();
        duplicated = lost + config.duplication();
        reordered = duplicated + config.reordering();
        corrupted = reordered + config.corruption();
        certain = corrupted == 0;
        die = new SplittableRandom(config.seed());
        bits = die.split();
    }

    int next() {
        if (certain) {
            return CARRIED;
        }
        double share = die.nextDouble();
        if (share >= corrupted) {
            return CARRIED;
        }
        if (share < lost) {
            return LOST;
        }
        if (share < duplicated) {
            return DUPLICATED;
        }
        return share < reordered ? REORDERED : CORRUPTED;
    }

    /// Which of `count` bits is flipped in a corrupted frame.
    int bit(int count) {
        return bits.nextInt(count);
    }
}
