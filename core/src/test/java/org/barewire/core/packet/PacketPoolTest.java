package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PacketPoolTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void packetsComeAndGoLastInFirstOut() {
        PacketPool pool = PacketPool.create(memory, 1024);
        long first = pool.allocate();
        long second = pool.allocate();
        Packet.release(first);
        Packet.release(second);
        assertThat(pool.allocate()).isEqualTo(second);
        assertThat(pool.allocate()).isEqualTo(first);
    }

    @Test
    void aFreshPacketIsEmptyBehindItsHeadroom() {
        PacketPool pool = PacketPool.create(memory, 16);
        long packet = pool.allocate();
        assertThat(Packet.length(packet)).isZero();
        assertThat(Packet.hasMetadata(packet)).isFalse();
        assertThat(Packet.headroom(packet)).isGreaterThanOrEqualTo(Packet.HEADROOM);
        assertThat(PacketPool.of(packet)).isSameAs(pool);
    }

    @Test
    void freshPacketsBeginAtDifferentCacheLines() {
        PacketPool pool = PacketPool.create(memory, 64);
        assertThat(LongStream.range(0, 64)
                        .map(i -> pool.allocate())
                        .map(packet -> Packet.address(packet) - pool.slot(Packet.address(packet)))
                        .distinct())
                .hasSize(4)
                .allMatch(offset -> offset % 64 == 0);
    }

    /// Whatever became of it while it was out.
    @Test
    void aPacketComesBackFresh() {
        PacketPool pool = PacketPool.create(memory, 1);
        long fresh = pool.allocate();
        Packet.release(Metadata.begin(Packet.push(Packet.resize(fresh, 1000), 20)));
        assertThat(pool.allocate()).isEqualTo(fresh);
        Packet.release(Packet.pull(Packet.resize(fresh, 1000), 1000));
        assertThat(pool.allocate()).isEqualTo(fresh);
    }

    @Test
    void everySlotIsHandedOutOnceAndThenThereIsNone() {
        PacketPool pool = PacketPool.create(memory, 3000, 1024);
        assertThat(pool.slots()).isEqualTo(3000);
        assertThat(pool.slotSize()).isEqualTo(1024);
        assertThat(pool.available()).isEqualTo(3000);
        Set<Long> slots = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            assertThat(slots.add(pool.slot(Packet.address(pool.allocate())))).isTrue();
        }
        assertThat(pool.allocate()).isZero();
        assertThat(pool.available()).isZero();
    }

    @Test
    void packetsThatAreNotThereAreCounted() {
        PacketPool pool = PacketPool.create(memory, 10);
        long[] packets = new long[16];
        assertThat(pool.allocate(packets, 2, 8)).isEqualTo(8);
        assertThat(pool.exhausted()).isZero();
        assertThat(pool.allocate(packets, 10, 6)).isEqualTo(2);
        assertThat(pool.exhausted()).isEqualTo(4);
        assertThat(pool.allocate()).isZero();
        assertThat(pool.exhausted()).isEqualTo(5);
        assertThat(packets).startsWith(0, 0).endsWith(0, 0, 0, 0);
    }

    @Test
    void packetsAreTakenAndReleasedInBulk() {
        PacketPool pool = PacketPool.create(memory, 64);
        long[] packets = new long[66];
        assertThat(pool.allocate(packets, 1, 64)).isEqualTo(64);
        for (int i = 1; i <= 64; i++) {
            packets[i] = Packet.resize(packets[i], i);
        }
        PacketPool.release(packets, 1, 64);
        assertThat(pool.available()).isEqualTo(64);
        PacketPool.release(packets, 0, 0);
        assertThat(pool.available()).isEqualTo(64);
    }

    @Test
    void aBulkOfSeveralPoolsFindsHome() {
        PacketPool first = PacketPool.create(memory, 1024);
        PacketPool second = PacketPool.create(memory, 1024);
        long[] packets = {first.allocate(), second.allocate(), first.allocate(), second.allocate()};
        PacketPool.release(packets, 0, 4);
        assertThat(first.available()).isEqualTo(1024);
        assertThat(second.available()).isEqualTo(1024);
    }

    /// A region of 6 MiB is aligned to 8 MiB, and the next one lies in the 2 MiB that are left.
    @Test
    void aBulkOfTwoPoolsInOneWindowFindsHome() {
        PacketPool large = PacketPool.create(memory, 3 * 1023);
        PacketPool small = PacketPool.create(memory, 1023);
        long[] packets = {large.allocate(), small.allocate()};
        assertThat(Packet.address(packets[0]) >>> 23).isEqualTo(Packet.address(packets[1]) >>> 23);
        PacketPool.release(packets, 0, 2);
        assertThat(large.available()).isEqualTo(3 * 1023);
        assertThat(small.available()).isEqualTo(1023);
    }

    @Test
    void aCopyHasAllSegmentsAndTheMetadata() {
        PacketPool pool = PacketPool.create(memory, 8);
        PacketPool other = PacketPool.create(memory, 2);
        long chain = Metadata.begin(pool.allocateCopy(new byte[] {1, 2}));
        Metadata.setVlan(chain, 7);
        Metadata.setNext(chain, pool.allocateCopy(new byte[] {3}));
        long copy = other.allocateCopy(chain);
        assertThat(Packet.bytes(copy)).containsExactly(1, 2);
        assertThat(Metadata.vlan(copy)).isEqualTo(7);
        assertThat(Packet.bytes(Metadata.next(copy))).containsExactly(3);
        assertThat(Packet.hasMetadata(Metadata.next(copy))).isFalse();
        Packet.release(copy);
        assertThat(other.available()).isEqualTo(2);
    }

    @Test
    void aCopyThatFindsNoRoomForASegmentLeavesNothingBehind() {
        PacketPool pool = PacketPool.create(memory, 8);
        PacketPool other = PacketPool.create(memory, 1);
        long chain = Metadata.begin(pool.allocateCopy(new byte[] {1, 2}));
        Metadata.setNext(chain, pool.allocateCopy(new byte[] {3}));
        assertThat(other.allocateCopy(chain)).isZero();
        assertThat(other.available()).isEqualTo(1);
    }

    @Test
    void aBulkWithMetadataFindsHomeWithAllSegments() {
        PacketPool pool = PacketPool.create(memory, 8);
        PacketPool other = PacketPool.create(memory, 8);
        long chain = Metadata.begin(pool.allocate());
        Metadata.setNext(chain, other.allocate());
        long[] packets = {pool.allocate(), chain, pool.allocate()};
        PacketPool.release(packets, 0, 3);
        assertThat(pool.available()).isEqualTo(8);
        assertThat(other.available()).isEqualTo(8);
    }

    @Test
    void aChainGoesBackSegmentBySegmentEachToItsPool() {
        PacketPool first = PacketPool.create(memory, 8);
        PacketPool second = PacketPool.create(memory, 8);
        long tail = first.allocate();
        long middle = Metadata.begin(second.allocate());
        Metadata.setNext(middle, tail);
        long head = Metadata.begin(first.allocate());
        Metadata.setNext(head, middle);
        assertThat(first.available()).isEqualTo(6);
        assertThat(second.available()).isEqualTo(7);
        Packet.release(head);
        assertThat(first.available()).isEqualTo(8);
        assertThat(second.available()).isEqualTo(8);
    }

    @Test
    void aCopyOfDataIsAPacket() {
        PacketPool pool = PacketPool.create(memory, 1, 512);
        byte[] longest = new byte[pool.capacity()];
        assertThatThrownBy(() -> pool.allocateCopy(new byte[longest.length + 1]))
                .isInstanceOf(IndexOutOfBoundsException.class);
        longest[longest.length - 1] = 7;
        assertThat(Packet.bytes(pool.allocateCopy(longest))).isEqualTo(longest);
        assertThat(pool.allocateCopy(longest)).isZero();
    }

    @Test
    @Tag("checked")
    void aPacketReleasedTwiceIsAnError() {
        PacketPool pool = PacketPool.create(memory, 1024);
        long packet = pool.allocate();
        pool.allocate();
        Packet.release(packet);
        assertThatThrownBy(() -> Packet.release(packet)).hasMessage("a packet was released twice");
        long[] twice = {pool.allocate(), packet};
        assertThatThrownBy(() -> PacketPool.release(twice, 0, 2)).hasMessage("a packet was released twice");
    }

    @Test
    void morePacketsThanThereAreSlotsAreAnErrorInAnyMode() {
        PacketPool pool = PacketPool.create(memory, 2);
        long packet = pool.allocate();
        Packet.release(packet);
        assertThatThrownBy(() -> Packet.release(packet)).hasMessage("a packet was released twice");
        assertThatThrownBy(() -> PacketPool.release(new long[] {packet, packet}, 0, 2))
                .hasMessage("a packet was released twice");
    }

    @Test
    void whatIsNoPacketIsNotReleased() {
        for (long nothing : new long[] {1, 0x1234_5678_9ABCL, Packet.of(PacketMemory.TAG, 60), Long.MAX_VALUE}) {
            assertThatThrownBy(() -> Packet.release(nothing))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("0x%016x is not a packet of an open pool", nothing);
        }
    }

    @Test
    void slotsArePowersOfTwo() {
        for (int size : new int[] {0, -2048, 256, 1000, 2047, 65537, 131072, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> PacketPool.create(memory, 1, size))
                    .hasMessage("slots of %d bytes: a power of two from 512 to 65536", size);
        }
        assertThatThrownBy(() -> PacketPool.create(memory, 0)).hasMessage("a pool of 0 slots");
        assertThat(memory.regions()).isEmpty();
    }

    @Test
    void aClosedPoolGivesItsMemoryBack() {
        PacketPool pool = PacketPool.create(memory, 1024);
        long packet = pool.allocate();
        Packet.release(packet);
        pool.close();
        pool.close();
        assertThat(memory.regions()).isEmpty();
        assertThatThrownBy(() -> Packet.release(packet)).hasMessageContaining("not a packet of an open pool");
        assertThatThrownBy(pool::allocate).hasMessage("the pool is closed");
    }

    @Test
    void aBurstThatBeginsWithAPacketOfAClosedPoolIsRefusedWhole() {
        PacketPool pool = PacketPool.create(memory, 8);
        PacketPool closed = PacketPool.create(memory, 8);
        long stale = closed.allocate();
        Packet.release(stale);
        closed.close();
        long[] packets = {stale, pool.allocate(), pool.allocate()};
        assertThatThrownBy(() -> PacketPool.release(packets, 0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("0x%016x is not a packet of an open pool", stale);
        assertThat(pool.available()).isEqualTo(6);
        PacketPool.release(packets, 1, 2);
        assertThat(pool.available()).isEqualTo(8);
    }

    @Test
    void packetsThatAreOutKeepAClosedPoolsMemory() {
        PacketPool pool = PacketPool.create(memory, 1024);
        long first = pool.allocateCopy(new byte[] {1, 2, 3});
        long[] others = new long[10];
        pool.allocate(others, 0, 10);
        pool.close();
        PacketPool.release(others, 0, 10);
        assertThat(memory.regions()).containsExactly(pool.region());
        assertThat(Packet.bytes(first)).containsExactly(1, 2, 3);
        Packet.release(first);
        assertThat(memory.regions()).isEmpty();
    }

    @Test
    void aPoolOfHugeSlotsHoldsTheLongestPacket() {
        PacketPool pool = PacketPool.create(memory, 4, 65536);
        long packet = pool.allocate();
        packet = Packet.push(packet, Packet.headroom(packet));
        packet = Packet.resize(packet, Packet.capacity(packet));
        assertThat(Packet.length(packet)).isEqualTo(65536 - Metadata.BYTES);
        Packet.setByte(packet, Packet.length(packet) - 1, 1);
        assertThat(Memory.getByte(pool.slot(Packet.address(packet)) + 65535)).isEqualTo((byte) 1);
    }
}
