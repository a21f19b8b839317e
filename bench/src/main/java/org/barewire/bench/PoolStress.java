package org.barewire.bench;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// Packets that come home to a {@link PacketPool} from other threads: none is lost and none handed out twice,
/// whatever the owner does meanwhile.
public class PoolStress {
    private PoolStress() {}

    /// Two threads give packets back at the same time.
    @JCStressTest
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "all come home")
    @Outcome(expect = FORBIDDEN, desc = "a slot was lost, or is there twice")
    @State
    public static class TwoReleasers {
        private final PacketPool pool = TestPools.take();
        private final long[] packets = TestPools.drain(pool);

        @Actor
        public void first() {
            Packet.release(packets[0]);
            Packet.release(packets[1]);
        }

        @Actor
        public void second() {
            Packet.release(packets[2]);
            Packet.release(packets[3]);
        }

        @Arbiter
        public void settle(I_Result result) {
            result.r1 = TestPools.settle(pool);
        }
    }

    /// What the owner does while others release: it allocates twice. The first number of the outcome is how
    /// many packets it got, the second how many there are in the end.
    public static class WithOwner {
        final PacketPool pool = TestPools.take();
        final long[] packets = TestPools.drain(pool);
        private final long[] kept = new long[2];

        final void allocate() {
            kept[0] = pool.allocate();
            kept[1] = pool.allocate();
            pool.unbind();
        }

        final void settle(II_Result result) {
            result.r1 = (kept[0] == 0 ? 0 : 1) + (kept[1] == 0 ? 0 : 1);
            result.r2 = TestPools.settle(pool, kept);
        }
    }

    /// One thread gives packets back one at a time.
    @JCStressTest
    @Outcome(
            id = {"0, 4", "1, 4", "2, 4"},
            expect = ACCEPTABLE,
            desc = "all come home")
    @Outcome(expect = FORBIDDEN, desc = "a slot was lost, or is there twice")
    @State
    public static class OneByOne extends WithOwner {
        @Actor
        public void owner() {
            allocate();
        }

        @Actor
        public void releaser() {
            for (long packet : packets) {
                Packet.release(packet);
            }
        }

        @Arbiter
        public void count(II_Result result) {
            settle(result);
        }
    }

    /// One thread gives all packets back in one go: the owner sees all of them, with their links, or none.
    @JCStressTest
    @Outcome(
            id = {"0, 4", "1, 4", "2, 4"},
            expect = ACCEPTABLE,
            desc = "all come home")
    @Outcome(expect = FORBIDDEN, desc = "a slot was lost, or is there twice")
    @State
    public static class InBulk extends WithOwner {
        @Actor
        public void owner() {
            allocate();
        }

        @Actor
        public void releaser() {
            PacketPool.release(packets, 0, packets.length);
        }

        @Arbiter
        public void count(II_Result result) {
            settle(result);
        }
    }

    /// One thread gives back a packet of four segments, chained by metadata in the slots themselves.
    @JCStressTest
    @Outcome(
            id = {"0, 4", "1, 4", "2, 4"},
            expect = ACCEPTABLE,
            desc = "all come home")
    @Outcome(expect = FORBIDDEN, desc = "a slot was lost, or is there twice")
    @State
    public static class AsAChain extends WithOwner {
        @Actor
        public void owner() {
            allocate();
        }

        @Actor
        public void releaser() {
            long chain = 0;
            for (long packet : packets) {
                long segment = Metadata.begin(packet);
                Metadata.setNext(segment, chain);
                chain = segment;
            }
            Packet.release(chain);
        }

        @Arbiter
        public void count(II_Result result) {
            settle(result);
        }
    }

    /// Two threads give packets back, one singly and one in bulk. Needs three CPUs.
    @JCStressTest
    @Outcome(
            id = {"0, 4", "1, 4", "2, 4"},
            expect = ACCEPTABLE,
            desc = "all come home")
    @Outcome(expect = FORBIDDEN, desc = "a slot was lost, or is there twice")
    @State
    public static class FromTwoThreads extends WithOwner {
        @Actor
        public void owner() {
            allocate();
        }

        @Actor
        public void single() {
            Packet.release(packets[0]);
            Packet.release(packets[1]);
        }

        @Actor
        public void bulk() {
            PacketPool.release(packets, 2, 2);
        }

        @Arbiter
        public void count(II_Result result) {
            settle(result);
        }
    }

    /// The owner closes the pool while the last packets come back: its memory goes, once.
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "the memory is gone")
    @Outcome(expect = FORBIDDEN, desc = "the memory was left behind")
    @State
    public static class Closing {
        private final PacketPool pool = PacketPool.create(TestPools.MEMORY, TestPools.SLOTS);
        private final long[] packets = TestPools.drain(pool);

        @Actor
        public void owner() {
            pool.close();
        }

        @Actor
        public void releaser() {
            for (long packet : packets) {
                Packet.release(packet);
            }
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = TestPools.MEMORY.regions().contains(pool.region()) ? 1 : 0;
        }
    }
}
