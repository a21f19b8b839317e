package org.barewire.drivers.ixgbe;

import java.util.function.Consumer;
import org.barewire.core.device.Counters;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.Relay;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The in-place model (TinyNF, OSDI 2020): one ring of legacy descriptors is the receive ring of the input and
/// the transmit ring of the first output; every further output has a ring of its own over the same buffers.
///
/// A legacy receive write-back leaves the buffer's address alone, and with head write-back the transmitter
/// writes no descriptors back, so addresses are set once. A packet's second word is read, the packet handled,
/// and the word written anew as a transmit descriptor. Once every 64 packets the device reports (RS) how far it
/// has sent, and the slots that all outputs have sent are given back to the receiver.
final class IxgbeRelay implements Relay {
    static final int PACKETS = 0;
    static final int DROPPED = 1;
    static final int ERRORS = 2;

    /// Slots between two reports; the ring has more.
    static final int REPORT = 64;

    /// Bytes of the line that an output's head is written back to: alone, so that nothing else dirties it.
    static final int HEAD_LINE = 64;

    private static final int TAIL_STEP = 8;
    private static final long SEND = Descriptor.TX_EOP | Descriptor.TX_IFCS;
    private static final long GOOD = Descriptor.LEGACY_RX_DD | Descriptor.LEGACY_RX_EOP;
    private static final long BAD = Descriptor.LEGACY_RX_ERRORS | Descriptor.LEGACY_RX_RXE;

    /// An output: its own registers, ring, and the line that the device writes its head to.
    record Output(Registers registers, int queue, long ring, long head) {
        int tail() {
            return Reg.tdt(queue);
        }
    }

    private final Registers input;
    private final int receiveTailRegister;
    private final Output[] outputs;
    private final long ring; // of the input and of the first output
    private final int mask;
    private final long[] packets; // of each slot, a packet of length 0
    private final PacketPool pool;
    private final PacketHandler handler;
    private final Consumer<IxgbeRelay> stop;
    private boolean closed;
    private final long counters;
    private final long[] sent; // counters of each output
    private final int[] gone; // packets of this poll that go to each output, if there are several
    private final boolean single;
    private final int longest;
    private int next;
    private int sendTail; // what the outputs were last told
    private int receiveTail; // what the input was last told

    /// @param stop stops the queues, then frees the relay; called once
    IxgbeRelay(
            Registers input,
            int queue,
            Output[] outputs,
            PacketPool pool,
            int slots,
            PacketHandler handler,
            Consumer<IxgbeRelay> stop) {
        this.input = input;
        this.receiveTailRegister = Reg.rdt(queue);
        this.outputs = outputs;
        this.ring = outputs[0].ring();
        this.mask = slots - 1;
        this.packets = new long[slots];
        this.pool = pool;
        this.handler = handler;
        this.single = outputs.length == 1;
        this.gone = new int[outputs.length];
        this.receiveTail = mask;
        this.stop = stop;
        this.counters = Counters.allocate();
        this.sent = new long[outputs.length];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = Counters.allocate();
        }
        fill();
        this.longest = Packet.capacity(packets[0]);
    }

    private void fill() {
        if (pool.allocate(packets, 0, packets.length) < packets.length) {
            throw new IllegalStateException("the pool has fewer buffers than the ring has descriptors");
        }
        pool.unbind();
        for (int slot = 0; slot < packets.length; slot++) {
            for (Output output : outputs) {
                Memory.putLong(output.ring() + 16L * slot, Packet.ioAddress(packets[slot]));
                Memory.putLong(output.ring() + 16L * slot + 8, 0);
            }
        }
    }

    /// What the receive tail starts from: all slots but the last are the receiver's.
    int firstTail() {
        return mask;
    }

    @Override
    public int poll(int count) {
        long[] packets = this.packets;
        long ring = this.ring;
        int mask = this.mask;
        int slot = next;
        int n = 0;
        int good = 0;
        int gone = 0;
        while (n < count) {
            long descriptor = ring + ((long) slot << 4) + 8;
            // acquire: pairs with the device's write of DD after the packet (7.1.5)
            long word = Memory.getLongAcquire(descriptor);
            if ((word & Descriptor.LEGACY_RX_DD) == 0) {
                break;
            }
            int verdict = PacketHandler.DROP;
            if ((word & (GOOD | BAD)) == GOOD) {
                verdict = handler.handle(packets[slot] | word & 0xFFFF);
                good++;
            }
            long report = (slot & REPORT - 1) == REPORT - 1 ? Descriptor.TX_RS : 0;
            if (single) {
                long length = length(verdict, 0);
                gone += length == 0 ? 0 : 1;
                Memory.putLong(descriptor, SEND | report | length);
            } else {
                fanOut(slot, verdict, report);
            }
            slot = slot + 1 & mask;
            n++;
            if ((slot & TAIL_STEP - 1) == 0) {
                send(slot);
            }
            if (report != 0) {
                recycle(slot);
            }
        }
        if (n == 0) {
            recycle(slot); // what was sent since the last report must not wait for a packet that has no room to arrive
        } else {
            next = slot;
            send(slot);
            count(n, good, gone);
        }
        return n;
    }

    /// What an output's descriptor says: the verdict's length within the buffer, or 0, which sends nothing.
    private long length(int verdict, int output) {
        int length = Math.min(verdict & 0xFFFF, longest);
        return (verdict >>> 16 + output & 1) == 0 || length < IxgbeTxQueue.MIN_LENGTH ? 0 : length;
    }

    private void fanOut(int slot, int verdict, long report) {
        for (int i = 0; i < outputs.length; i++) {
            long length = length(verdict, i);
            gone[i] += length == 0 ? 0 : 1;
            Memory.putLong(outputs[i].ring() + ((long) slot << 4) + 8, SEND | report | length);
        }
    }

    private void send(int slot) {
        if (slot != sendTail) {
            sendTail = slot;
            for (Output output : outputs) {
                output.registers().write32(output.tail(), slot);
            }
        }
    }

    /// Gives the receiver the slots that every output is known to have sent.
    ///
    /// @param slot the first one that has not been handed to the outputs
    private void recycle(int slot) {
        int slowest = slot;
        for (Output output : outputs) {
            // acquire: pairs with the head write-back after the packets were read (7.2.3.5.2)
            int head = Memory.getIntAcquire(output.head());
            slowest = (slot - head & mask) > (slot - slowest & mask) ? head : slowest;
        }
        int tail = slowest - 1 & mask;
        if (tail != receiveTail) {
            receiveTail = tail;
            input.write32(receiveTailRegister, tail);
        }
    }

    private void count(int n, int good, int gone) {
        Counters.add(counters, PACKETS, good);
        if (good != n) {
            Counters.add(counters, ERRORS, n - good);
        }
        Counters.add(sent[0], PACKETS, gone);
        if (!single) {
            for (int i = 0; i < outputs.length; i++) {
                Counters.add(sent[i], PACKETS, this.gone[i]);
                this.gone[i] = 0;
            }
        }
    }

    @Override
    public boolean inPlace() {
        return true;
    }

    @Override
    public QueueStatistics received() {
        return statistics(counters);
    }

    @Override
    public QueueStatistics sent(int index) {
        return statistics(sent[index]);
    }

    private static QueueStatistics statistics(long line) {
        return new QueueStatistics(
                Counters.get(line, PACKETS), Counters.get(line, DROPPED), Counters.get(line, ERRORS));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            stop.accept(this);
        }
    }

    /// Gives buffers, rings and counters back. Called when the devices have stopped using them.
    void free(PacketMemory memory) {
        PacketPool.release(packets, 0, packets.length);
        pool.close();
        for (Output output : outputs) {
            memory.freeRing(output.ring(), 16L * packets.length);
            memory.freeRing(output.head(), HEAD_LINE);
        }
        Counters.free(counters);
        for (long line : sent) {
            Counters.free(line);
        }
    }
}
