package org.barewire.drivers.ixgbe;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
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
import org.barewire.drivers.intel.Descriptor;
import org.barewire.drivers.intel.IntelTxQueue;

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
    private static final int UNSENDABLE = 2; // their verdict has a length that the outputs can't send

    /// Slots between two reports; the ring has more.
    static final int REPORT = 64;

    /// Bytes of the line that an output's head is written back to: alone, so that nothing else dirties it.
    static final int HEAD_LINE = 64;

    private static final long SEND = Descriptor.TX_EOP | Descriptor.TX_IFCS;
    private static final int TO_FIRST = (1 << 16) + IntelTxQueue.MIN_LENGTH; // the least usual verdict
    private static final int DONE = (int) (Descriptor.LEGACY_RX_DD >>> 32);
    private static final int GOOD = (int) ((Descriptor.LEGACY_RX_DD | Descriptor.LEGACY_RX_EOP) >>> 32);
    private static final int BAD = (int) ((Descriptor.LEGACY_RX_ERRORS | Descriptor.LEGACY_RX_RXE) >>> 32);

    /// An output: its own registers, ring, and the line that the device writes its head to.
    record Output(Registers registers, int queue, long ring, long head) {
        int tail() {
            return Reg.tdt(queue);
        }
    }

    private final Registers input;
    private final int receiveTailRegister;
    private final Output[] outputs;
    private final Registers output; // the first, and most relays have no other
    private final int sendTailRegister;
    private final Output[] furtherOutputs;
    private final long ring; // of the input and of the first output
    private final int mask;
    private final long[] addresses; // of each slot's packet
    private final PacketPool pool;
    private final PacketHandler handler;
    private final Consumer<IxgbeRelay> stop;
    private final long counters;
    private final long unsent; // counters: packets that did not go to output i
    private final int longest;
    private final int usual; // verdicts from TO_FIRST on that are usual: none if there are several outputs
    private int next;
    private int receiveTail; // what the input was last told
    private boolean closed;
    private QueueStatistics lastReceived = new QueueStatistics(0, 0, 0);
    private final QueueStatistics[] lastSent;
    private volatile boolean ended; // after the two above, before the lines of counters are given back

    /// @param longest the longest frame, without its check sequence, that all outputs can send and buffers hold
    /// @param stop    stops the queues, then frees the relay; called once
    IxgbeRelay(
            Registers input,
            int queue,
            Output[] outputs,
            PacketPool pool,
            int slots,
            int longest,
            PacketHandler handler,
            Consumer<IxgbeRelay> stop) {
        this.input = input;
        this.receiveTailRegister = Reg.rdt(queue);
        this.outputs = outputs;
        this.lastSent = new QueueStatistics[outputs.length];
        this.output = outputs[0].registers();
        this.sendTailRegister = outputs[0].tail();
        this.furtherOutputs = Arrays.copyOfRange(outputs, 1, outputs.length);
        this.ring = outputs[0].ring();
        this.mask = slots - 1;
        this.addresses = new long[slots];
        this.pool = pool;
        this.handler = handler;
        this.receiveTail = mask;
        this.stop = stop;
        this.counters = Counters.allocate();
        this.unsent = Counters.allocate();
        fill();
        this.longest = longest;
        this.usual = outputs.length == 1 ? longest - IntelTxQueue.MIN_LENGTH + 1 : 0;
    }

    private void fill() {
        long[] packets = new long[addresses.length];
        if (pool.allocate(packets, 0, packets.length) < packets.length) {
            throw new IllegalStateException("the pool has fewer buffers than the ring has descriptors");
        }
        pool.unbind();
        for (int slot = 0; slot < packets.length; slot++) {
            addresses[slot] = Packet.address(packets[slot]);
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
        int n = 0;
        int step;
        do {
            step = pollStep(count - n);
            n += step;
        } while (n < count && step > 0 && (next & REPORT - 1) == 0);
        return n;
    }

    /// Relays up to `count` packets, none beyond the next one that is reported.
    private int pollStep(int count) {
        int first = next;
        int n = relay(first, Math.min(count, REPORT - (first & REPORT - 1)));
        int slot = first + n & mask;
        if (n == 0) {
            recycle(slot); // what was sent since the last report must not wait for a packet that has no room to arrive
            return 0;
        }
        next = slot;
        if ((slot & REPORT - 1) == 0) {
            requestReport(slot);
            send(slot);
            recycle(slot);
        } else {
            send(slot);
        }
        Counters.add(counters, PACKETS, n);
        return n;
    }

    /// Handles up to `count` packets from slot `first` on, none of them beyond the ring's end; returns how many
    /// there were.
    private int relay(int first, int count) {
        long[] addresses = this.addresses;
        PacketHandler handler = this.handler;
        int usual = this.usual;
        long ring = Memory.bounded(this.ring);
        int slot = (char) first; // between known bounds a descriptor's address takes no mask
        int end = (char) (first + count);
        while (slot != end) {
            long descriptor = Descriptor.at(ring, slot);
            int wrong = (Memory.getInt(descriptor + 12) ^ GOOD) & (GOOD | BAD);
            if (wrong != 0) {
                if ((wrong & DONE) != 0) {
                    break;
                }
                damaged(slot);
            } else {
                VarHandle.acquireFence(); // pairs with the device's write of DD after the packet (7.1.5)
                // made here of address and length, which the compiler then hands to the handler as they are
                int verdict = handler.handle(Packet.of(addresses[slot], Memory.getChar(descriptor + 8)));
                if (Integer.compareUnsigned(verdict - TO_FIRST, usual) < 0) {
                    Memory.putLong(descriptor + 8, SEND | verdict & 0xFFFF);
                } else {
                    dispatch(slot, verdict);
                }
            }
            slot++;
        }
        return slot - first;
    }

    private void damaged(int slot) {
        Counters.add(counters, ERRORS, 1);
        Counters.add(counters, PACKETS, -1);
        dispatch(slot, PacketHandler.DROP);
    }

    /// Writes a packet's descriptors: its length where it goes, 0, which sends nothing, where it doesn't.
    private void dispatch(int slot, int verdict) {
        int length = PacketHandler.length(verdict);
        boolean possible = length >= IntelTxQueue.MIN_LENGTH && length <= longest;
        if (verdict != PacketHandler.DROP && !possible) {
            Counters.add(counters, UNSENDABLE, 1);
        }
        for (int i = 0; i < outputs.length; i++) {
            boolean goes = possible && (PacketHandler.outputs(verdict) >>> i & 1) != 0;
            Memory.putLong(outputs[i].ring() + ((long) slot << 4) + 8, SEND | (goes ? length : 0));
            if (!goes) {
                Counters.add(unsent, i, 1);
            }
        }
    }

    /// Has the outputs report when they have sent the packet before `slot`.
    private void requestReport(int slot) {
        for (Output output : outputs) {
            long last = output.ring() + ((long) (slot - 1 & mask) << 4) + 8;
            Memory.putLong(last, Memory.getLong(last) | Descriptor.TX_RS);
        }
    }

    private void send(int slot) {
        output.write32(sendTailRegister, slot);
        for (Output further : furtherOutputs) {
            further.registers().write32(further.tail(), slot);
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
        QueueStatistics now = countReceived();
        return ended ? lastReceived : now; // looked at last: `now` may be of the line's next owner
    }

    private QueueStatistics countReceived() {
        return new QueueStatistics(Counters.get(counters, PACKETS), 0, Counters.get(counters, ERRORS));
    }

    @Override
    public QueueStatistics sent(int index) {
        QueueStatistics now = countSent(index);
        return ended ? lastSent[index] : now;
    }

    private QueueStatistics countSent(int index) {
        long handled = Counters.get(counters, PACKETS) + Counters.get(counters, ERRORS);
        return new QueueStatistics(handled - Counters.get(unsent, index), 0, Counters.get(counters, UNSENDABLE));
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
        lastReceived = countReceived();
        Arrays.setAll(lastSent, this::countSent);
        ended = true;
        for (long address : addresses) {
            PacketPool.release(Packet.of(address, 0));
        }
        pool.close();
        for (Output output : outputs) {
            memory.freeRing(output.ring(), 16L * addresses.length);
            memory.freeRing(output.head(), HEAD_LINE);
        }
        Counters.free(counters);
        Counters.free(unsent);
    }
}
