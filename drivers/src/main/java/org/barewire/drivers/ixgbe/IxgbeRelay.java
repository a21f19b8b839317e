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

/// The in-place model (TinyNF, OSDI 2020): one ring of legacy descriptors is the receive ring of the input
/// and the transmit ring of the first output; every further output has a ring of its own over the same
/// buffers.
///
/// A legacy receive write-back leaves the buffer's address alone, and with head write-back the transmitter
/// writes no descriptors back, so addresses are set once. A packet's second word is read, the packet handled,
/// and the word written anew as a transmit descriptor. Once every 64 packets the device reports (RS) how far
/// it has sent, and the slots that all outputs have sent are given back to the receiver.
final class IxgbeRelay implements Relay {
    private static final int PACKETS = 0;
    private static final int ERRORS = 1;

    /// Slots between two reports; the ring has more.
    static final int REPORT = 64;

    /// Bytes of the line that an output's head is written back to: alone, so that nothing else dirties it.
    static final int HEAD_LINE = 64;

    private static final int TAIL_STEP = 32;
    private static final long SEND = Descriptor.TX_EOP | Descriptor.TX_IFCS;
    private static final int TO_FIRST = (1 << 16) + IxgbeTxQueue.MIN_LENGTH; // the least usual verdict
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
    private final long unsent; // counters: packets that did not go to output i
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
        this.receiveTail = mask;
        this.stop = stop;
        this.counters = Counters.allocate();
        this.unsent = Counters.allocate();
        fill();
        this.longest = pool.capacity();
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
        int slot = next;
        int n = 0;
        int step;
        int room;
        do {
            room = Math.min(count - n, TAIL_STEP - (slot & TAIL_STEP - 1));
            step = relay(slot, room);
            n += step;
            slot = slot + step & mask;
            if ((slot & REPORT - 1) == 0 && step > 0) {
                report(slot);
            } else if (step > 0) {
                send(slot);
            }
        } while (step == room && n < count);
        next = slot;
        if (n == 0) {
            recycle(slot); // what was sent since the last report must not wait for a packet that has no room to arrive
        } else {
            Counters.add(counters, PACKETS, n);
        }
        return n;
    }

    /// Handles up to `count` packets from `slot` on, none of them beyond the ring's end; returns how many
    /// there were.
    private int relay(int slot, int count) {
        long[] packets = this.packets;
        PacketHandler handler = this.handler;
        boolean single = this.single;
        int usual = longest - IxgbeTxQueue.MIN_LENGTH;
        long words = ring + 8;
        int end = slot + count;
        int next = slot;
        // One variable goes round the loop: with a second one for the address, registers run short and both wait for
        // memory. It ends by inequality: a counted loop is split in three, which costs short bursts dearly.
        while (next != end) {
            long descriptor = words + ((long) next << 4);
            // acquire: pairs with the device's write of DD after the packet (7.1.5)
            long word = Memory.getLongAcquire(descriptor);
            if ((word & (GOOD | BAD)) == GOOD) {
                int verdict = handler.handle(packets[next] | word & 0xFFFF);
                if (single && Integer.compareUnsigned(verdict - TO_FIRST, usual) <= 0) {
                    Memory.putLong(descriptor, SEND | verdict & 0xFFFF);
                } else {
                    dispatch(next, verdict);
                }
            } else if ((word & Descriptor.LEGACY_RX_DD) == 0) {
                break;
            } else {
                damaged(next);
            }
            next++;
        }
        return next - slot;
    }

    private void damaged(int slot) {
        Counters.add(counters, ERRORS, 1);
        Counters.add(counters, PACKETS, -1);
        dispatch(slot, PacketHandler.DROP);
    }

    /// Writes a packet's descriptors: its length where it goes, 0, which sends nothing, where it doesn't.
    private void dispatch(int slot, int verdict) {
        int length = Math.min(verdict & 0xFFFF, longest);
        for (int i = 0; i < outputs.length; i++) {
            boolean goes = (verdict >>> 16 + i & 1) != 0 && length >= IxgbeTxQueue.MIN_LENGTH;
            Memory.putLong(outputs[i].ring() + ((long) slot << 4) + 8, SEND | (goes ? length : 0));
            if (!goes) {
                Counters.add(unsent, i, 1);
            }
        }
    }

    /// Has the outputs report the packets up to `slot`, sends them, and looks at what was reported before.
    private void report(int slot) {
        for (Output output : outputs) {
            long last = output.ring() + ((long) (slot - 1 & mask) << 4) + 8;
            Memory.putLong(last, Memory.getLong(last) | Descriptor.TX_RS);
        }
        send(slot);
        recycle(slot);
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

    @Override
    public boolean inPlace() {
        return true;
    }

    @Override
    public QueueStatistics received() {
        return new QueueStatistics(Counters.get(counters, PACKETS), 0, Counters.get(counters, ERRORS));
    }

    @Override
    public QueueStatistics sent(int index) {
        long handled = Counters.get(counters, PACKETS) + Counters.get(counters, ERRORS);
        return new QueueStatistics(handled - Counters.get(unsent, index), 0, 0);
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
        Counters.free(unsent);
    }
}
