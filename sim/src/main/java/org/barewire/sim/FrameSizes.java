package org.barewire.sim;

/// The sizes of a source's frames, in bytes without check sequence: one, or a mix that repeats.
public final class FrameSizes {
    /// The simple Internet mix: of twelve frames seven of 60 bytes, four of 594 and one of 1514.
    public static final FrameSizes IMIX = new FrameSizes("imix", 60, 594, 60, 60, 594, 60, 1514, 60, 594, 60, 594, 60);

    private final String name;
    private final int[] cycle;

    private FrameSizes(String name, int... cycle) {
        this.name = name;
        this.cycle = cycle;
    }

    /// Every frame of the same size, {@link Probe#MIN_LENGTH} to {@link Probe#MAX_LENGTH}.
    public static FrameSizes fixed(int length) {
        if (length < Probe.MIN_LENGTH || length > Probe.MAX_LENGTH) {
            throw new IllegalArgumentException("frames of %d bytes: %d to %d, without check sequence, is possible"
                    .formatted(length, Probe.MIN_LENGTH, Probe.MAX_LENGTH));
        }
        return new FrameSizes(Integer.toString(length), length);
    }

    /// Reads `imix` or a number of bytes.
    public static FrameSizes parse(String text) {
        if (text.equals(IMIX.name)) {
            return IMIX;
        }
        try {
            return fixed(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'%s' is not a frame size like 60 or imix".formatted(text), e);
        }
    }

    /// Size of the frame with this number. It follows from the number alone.
    public int size(long sequence) {
        return cycle.length == 1 ? cycle[0] : cycle[(int) (sequence % cycle.length)];
    }

    int smallest() {
        int smallest = cycle[0];
        for (int size : cycle) {
            smallest = Math.min(smallest, size);
        }
        return smallest;
    }

    @Override
    public String toString() {
        return name;
    }
}
