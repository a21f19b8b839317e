package org.barewire.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Keeps what arrives, and when.
final class Collector implements Endpoint {
    record Frame(long nanos, ByteBuffer bytes, boolean damaged) {
        int length() {
            return bytes.capacity();
        }

        /// The number that {@link WireTest} writes into its frames.
        int number() {
            return bytes.getInt(0);
        }
    }

    final List<Frame> frames = new ArrayList<>();
    final List<Boolean> carrier = new ArrayList<>();
    private final WireEnd end;

    Collector(WireEnd end) {
        this.end = end;
        end.connect(this);
    }

    @Override
    public void frameArrived(long address, int length, boolean damaged) {
        frames.add(new Frame(end.nowNanos(), ByteBuffer.wrap(Scratch.bytes(address, length)), damaged));
    }

    @Override
    public void carrierChanged(boolean up) {
        carrier.add(up);
    }

    List<Integer> numbers() {
        return frames.stream().map(Frame::number).toList();
    }
}
