package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.function.LongConsumer;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NumberedTest {
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 256);
    private final ArrayDeque<Long> wire = new ArrayDeque<>();
    private final Numbered packets = new Numbered(pool, 1000, 60, 1514, 7);

    @AfterEach
    void noPacketIsLeft() {
        wire.forEach(Packet::release);
        assertThat(pool.available()).isEqualTo(pool.slots());
        pool.close();
    }

    @Test
    void allThatComesBackIsFine() {
        exchange(wire::add);
        assertThat(packets.complaints()).isEmpty();
        assertThat(packets.received()).isEqualTo(1000);
    }

    @Test
    void oneLostIsNoticed() {
        exchange(packet -> {
            if (Packet.getLong(packet, 14) == 500) {
                Packet.release(packet);
            } else {
                wire.add(packet);
            }
        });
        assertThat(packets.complaints()).contains("1 of 1000 are missing, the first is number 500");
    }

    @Test
    void aChangedByteIsNoticed() {
        exchange(packet -> {
            int last = Packet.length(packet) - 1;
            Packet.setByte(packet, last, Packet.getByte(packet, last) ^ 1);
            wire.add(packet);
        });
        assertThat(packets.complaints()).contains("packet 0 was changed");
    }

    @Test
    void aShortenedPacketIsNoticed() {
        exchange(packet -> wire.add(Packet.resize(packet, Packet.length(packet) - 1)));
        assertThat(packets.complaints()).contains("packet 0 was changed");
    }

    @Test
    void oneThatComesTwiceIsNoticed() {
        exchange(packet -> {
            wire.add(packet);
            wire.add(pool.allocateCopy(packet));
        });
        assertThat(packets.complaints()).contains("packet 0 came twice");
    }

    private void exchange(LongConsumer transit) {
        Tx tx = new Tx(transit);
        Rx rx = new Rx();
        for (int i = 0; i < 1000; i++) {
            packets.send(tx, 50);
            packets.receive(rx);
        }
    }

    private record Tx(LongConsumer transit) implements TxQueue {
        @Override
        public int send(long[] packets, int from, int count) {
            for (int i = 0; i < count; i++) {
                transit.accept(packets[from + i]);
            }
            return count;
        }

        @Override
        public int sendOrRelease(long[] packets, int from, int count) {
            return send(packets, from, count);
        }

        @Override
        public int reclaim() {
            return 0;
        }

        @Override
        public QueueStatistics statistics() {
            return new QueueStatistics(0, 0, 0);
        }
    }

    private final class Rx implements RxQueue {
        @Override
        public int receive(long[] packets, int from, int count) {
            int n = 0;
            while (n < count && !wire.isEmpty()) {
                packets[from + n++] = wire.remove();
            }
            return n;
        }

        @Override
        public PacketPool pool() {
            return pool;
        }

        @Override
        public QueueStatistics statistics() {
            return new QueueStatistics(0, 0, 0);
        }
    }
}
