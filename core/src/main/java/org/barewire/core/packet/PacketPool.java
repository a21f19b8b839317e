package org.barewire.core.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.jspecify.annotations.Nullable;

/// Slots of one size for packets, in a region of packet memory that is the pool's own.
///
/// A pool belongs to the thread that first allocates from it: for that thread allocating and releasing are a
/// stack's pop and push, last in first out, so that a warm slot is used again. Any thread may release: a slot
/// that another thread gives back comes home through a lock-free list that the owner empties when its stack
/// runs out. An empty pool answers 0 packets and counts {@link #exhausted}; it does not throw.
///
/// A slot begins with the packet's {@link Metadata} line; a fresh packet's data begins at least
/// {@link Packet#HEADROOM} bytes after it.
public final class PacketPool implements AutoCloseable {
    /// Holds any frame of up to 1526 bytes, an Ethernet frame with two VLAN tags, besides headroom.
    public static final int DEFAULT_SLOT_SIZE = 2048;

    private static final int COLOURS = 4;
    private static final int LINE_BITS = 6;
    private static final int OVERHEAD = Packet.DATA_OFFSET + (COLOURS - 1 << LINE_BITS);

    private static final VarHandle RETURNED = field("returned", long.class);

    private final PacketMemory memory;
    private final Region region;
    private final int slotSize;
    private final int slotBits;
    private final long slotMask; // of an address
    private final long packetMask; // of a packet: what stays of it when it is allocated anew
    private final long lowest; // packet without metadata in this pool; more than `highest` if it has several extents
    private final long highest;

    private final long[] stack;
    private int top;
    private long exhausted;
    private @Nullable Thread owner;

    @SuppressWarnings("unused") // through RETURNED: address of the slot that was last returned by another thread, or 0
    private volatile long returned;

    private volatile boolean closed;
    private final @Nullable AtomicIntegerArray out; // checked memory only: which slots are out

    private PacketPool(PacketMemory memory, int slots, int slotSize, int preferredNode) {
        if (slotSize < 512 || slotSize > 65536 || Integer.bitCount(slotSize) != 1) {
            throw new IllegalArgumentException(
                    "slots of %d bytes: a power of two from 512 to 65536".formatted(slotSize));
        }
        if (slots < 1) {
            throw new IllegalArgumentException("a pool of %d slots".formatted(slots));
        }
        this.memory = memory;
        this.slotSize = slotSize;
        this.slotBits = Integer.numberOfTrailingZeros(slotSize);
        this.slotMask = -slotSize;
        this.packetMask = (long) -slotSize << 16 & Long.MAX_VALUE;
        this.stack = new long[slots];
        this.region = memory.add(lengthFor(slots, slotSize), preferredNode);
        boolean contiguous = region.extents().size() == 1;
        this.lowest = contiguous ? region.address() << 16 : 1;
        this.highest = contiguous ? (region.address() + region.length() << 16) - 1 : 0;
        this.out = Memory.CHECKED ? new AtomicIntegerArray(Math.toIntExact(region.length() / slotSize)) : null;
        for (Region.Extent extent : region.extents()) {
            PoolTable.put(extent.address(), extent.length(), this);
            for (long offset = 0; offset + slotSize < extent.length() && top < slots; offset += slotSize) {
                stack[top++] = (extent.address() + offset) << 16;
            }
        }
    }

    /// Room for the slots, and for the one at the end of each extent that stays unused: a device may be told
    /// that a buffer is as long as a slot, though it begins later, and must not be told of memory that isn't
    /// there.
    private static long lengthFor(int slots, int slotSize) {
        long usedOfGrain = PacketMemory.GRAIN - slotSize;
        long grains = ((long) slots * slotSize + usedOfGrain - 1) / usedOfGrain;
        return grains * PacketMemory.GRAIN;
    }

    /// A pool of `slots` slots of {@link #DEFAULT_SLOT_SIZE}.
    public static PacketPool create(PacketMemory memory, int slots) {
        return create(memory, slots, DEFAULT_SLOT_SIZE);
    }

    /// A pool of `slots` slots of `slotSize` bytes, a power of two from 512 to 65536.
    ///
    /// @throws org.barewire.core.linux.LinuxException if there is not that much memory
    public static PacketPool create(PacketMemory memory, int slots, int slotSize) {
        return create(memory, slots, slotSize, Numa.NO_NODE);
    }

    /// As above, on a NUMA node as far as {@link PacketMemory#add(long, int)} says.
    public static PacketPool create(PacketMemory memory, int slots, int slotSize, int preferredNode) {
        return new PacketPool(memory, slots, slotSize, preferredNode);
    }

    /// The pool that a packet's slot belongs to.
    ///
    /// @throws IllegalArgumentException if there is none: the `long` is not a packet, or its pool has been
    ///     closed
    public static PacketPool of(long packet) {
        PacketPool pool = PoolTable.find(packet);
        if (pool == null) {
            throw notAPacket(packet);
        }
        return pool;
    }

    /// Takes a packet of length 0, or 0 if none is left.
    public long allocate() {
        claim();
        if (top == 0 && !refill()) {
            exhausted++;
            return 0;
        }
        long packet = fresh(stack[--top]);
        if (Memory.CHECKED) {
            markOut(packet);
        }
        return packet;
    }

    /// Takes up to `count` packets of length 0 into `packets`, from index `from` on; returns how many there
    /// were.
    public int allocate(long[] packets, int from, int count) {
        claim();
        int available = top;
        if (available < count) {
            refill();
            available = top;
            if (available < count) {
                exhausted += count - available;
            }
        }
        int taken = Math.min(available, count);
        int base = available - taken;
        for (int i = 0; i < taken; i++) {
            packets[from + i] = fresh(stack[base + i]);
        }
        top = base;
        if (Memory.CHECKED) {
            for (int i = 0; i < taken; i++) {
                markOut(packets[from + i]);
            }
        }
        return taken;
    }

    /// Takes a packet with a copy of `data`, which must fit behind the headroom; 0 if none is left.
    public long allocateCopy(byte[] data) {
        Objects.checkFromToIndex(0, data.length, capacity());
        long packet = allocate();
        if (packet != 0) {
            packet = Packet.resize(packet, data.length);
            Packet.write(packet, 0, data, 0, data.length);
        }
        return packet;
    }

    /// Takes a copy of a packet with all its segments and metadata, whichever pool it is of; 0 if there are
    /// not enough packets left, or if a segment is longer than {@link #capacity}.
    public long allocateCopy(long packet) {
        long first = 0;
        long last = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            long copy = copySegment(segment);
            if (copy == 0) {
                release(first);
                return 0;
            }
            if (first == 0) {
                first = copy;
            } else {
                Metadata.setNext(last, copy);
            }
            last = copy;
        }
        if (first != last) {
            Metadata.setTotalLength(first, Packet.totalLength(packet));
        }
        return first;
    }

    private long copySegment(long segment) {
        int length = Packet.length(segment);
        long copy = length <= capacity() ? allocate() : 0;
        if (copy == 0) {
            return 0;
        }
        copy = Packet.resize(copy, length);
        Packet.copy(segment, 0, copy, 0, length);
        return Packet.hasMetadata(segment) ? Metadata.copy(segment, copy) : copy;
    }

    /// Gives back a packet with all its segments, each to its own pool. Any thread may call.
    public static void release(long packet) {
        long segment = packet;
        while (segment != 0) {
            PacketPool pool = of(segment);
            long next = Packet.next(segment);
            pool.put(segment);
            segment = next;
        }
    }

    /// Gives back `count` packets, each with all its segments to its own pool. Any thread may call.
    public static void release(long[] packets, int from, int count) {
        if (count == 0) {
            return;
        }
        PacketPool pool = of(packets[from]);
        if (pool.ownsAll(packets, from, count)) {
            pool.putAll(packets, from, count);
        } else {
            for (int i = 0; i < count; i++) {
                release(packets[from + i]);
            }
        }
    }

    public int slotSize() {
        return slotSize;
    }

    /// The smallest slots, of at least {@link #DEFAULT_SLOT_SIZE}, that hold packets of `length` bytes in one
    /// segment.
    public static int slotSizeFor(int length) {
        return Math.max(DEFAULT_SLOT_SIZE, Integer.highestOneBit(2 * (length + OVERHEAD) - 1));
    }

    /// Bytes of data that fit in any fresh packet of this pool.
    public int capacity() {
        return Math.min(Packet.MAX_LENGTH, slotSize - OVERHEAD);
    }

    public int slots() {
        return stack.length;
    }

    /// Packets that could be allocated now. For the owner, or for anyone while the pool has none.
    public int available() {
        refill();
        return top;
    }

    /// How many packets were asked for and not there, since the pool was created.
    public long exhausted() {
        return exhausted;
    }

    public Region region() {
        return region;
    }

    /// Lets another thread become the owner. Called by the owner, or when it has ended.
    public void unbind() {
        owner = null;
    }

    /// Closes the pool: by the owner, or when it has ended. Its memory goes when the last packet has come
    /// back; packets that are still on their way, perhaps in another device's ring, stay valid until then.
    @Override
    public void close() {
        if (!closed) {
            owner = null;
            closed = true;
            reap();
        }
    }

    /// Start of the slot that an address in this pool lies in.
    long slot(long address) {
        return address & slotMask;
    }

    /// A slot's packet of length 0. Data begins at one of four cache lines, slot by slot in turn: at the same
    /// offset in every slot, the packets of a ring would share a few sets of the cache and push each other
    /// out.
    private long fresh(long packet) {
        long colour = (packet >>> slotBits + 16 & COLOURS - 1) << LINE_BITS + 16;
        return (packet & packetMask) + ((long) Packet.DATA_OFFSET << 16) + colour;
    }

    /// True if all are whole packets of this pool without metadata, and this is found out at a glance.
    private boolean ownsAll(long[] packets, int from, int count) {
        long lowest = this.lowest;
        long highest = this.highest;
        long outside = 0; // negative if one is; of a packet with metadata one of the differences always is
        for (int i = 0; i < count; i++) {
            long packet = packets[from + i];
            outside |= packet - lowest | highest - packet;
        }
        return outside >= 0;
    }

    private void put(long packet) {
        if (Memory.CHECKED) {
            markHome(packet);
        }
        if (owner == Thread.currentThread()) {
            push(packet);
        } else {
            link(packet, packet);
        }
    }

    private void putAll(long[] packets, int from, int count) {
        if (Memory.CHECKED) {
            for (int i = 0; i < count; i++) {
                markHome(packets[from + i]);
            }
        }
        if (owner == Thread.currentThread()) {
            int top = this.top;
            if (top + count > stack.length) {
                throw releasedTwice();
            }
            System.arraycopy(packets, from, stack, top, count);
            this.top = top + count;
        } else {
            for (int i = 1; i < count; i++) {
                Memory.putLong(
                        slot(Packet.address(packets[from + i - 1])) + Metadata.POOL_LINK,
                        slot(Packet.address(packets[from + i])));
            }
            link(packets[from], packets[from + count - 1]);
        }
    }

    private void push(long packet) {
        if (top == stack.length) {
            throw releasedTwice();
        }
        stack[top++] = packet;
    }

    /// Puts a chain of slots, linked from `first` to `last`, on the list of those returned by other threads.
    private void link(long first, long last) {
        long head = slot(Packet.address(first));
        long tail = slot(Packet.address(last)) + Metadata.POOL_LINK;
        long previous;
        do {
            previous = returned;
            Memory.putLong(tail, previous);
            // release: pairs with the getAndSet in refill, whose thread then reads the links
        } while (!RETURNED.compareAndSet(this, previous, head));
        if (closed) {
            reap();
        }
    }

    /// Moves what other threads have returned to the stack; says whether there was any. Taking the whole list
    /// at once leaves no room for ABA.
    private boolean refill() {
        if (returned == 0) {
            return false;
        }
        long slot = (long) RETURNED.getAndSet(this, 0L);
        while (slot != 0) {
            push(slot << 16);
            slot = Memory.getLong(slot + Metadata.POOL_LINK);
        }
        return true;
    }

    private void claim() {
        Thread current = Thread.currentThread();
        if (owner != current) {
            bind(current);
        }
    }

    private void bind(Thread current) {
        if (closed) {
            throw new IllegalStateException("the pool is closed");
        }
        if (owner != null) {
            throw new IllegalStateException(
                    "%s allocates from a pool of %s: a pool belongs to one thread, see PacketPool.unbind"
                            .formatted(current, owner));
        }
        owner = current;
    }

    private synchronized void reap() {
        refill();
        if (top == stack.length) {
            top = 0;
            region.extents().forEach(extent -> PoolTable.put(extent.address(), extent.length(), null));
            memory.remove(region);
        }
    }

    private void markOut(long packet) {
        if (out != null) {
            out.set(slotIndex(packet), 1);
        }
    }

    private void markHome(long packet) {
        if (out != null && !out.compareAndSet(slotIndex(packet), 1, 0)) {
            throw releasedTwice();
        }
    }

    private int slotIndex(long packet) {
        long address = Packet.address(packet);
        for (Region.Extent extent : region.extents()) {
            if (extent.contains(address, 1)) {
                return (int) ((extent.fileOffset() + address - extent.address()) / slotSize);
            }
        }
        throw notAPacket(packet);
    }

    private static IllegalArgumentException notAPacket(long packet) {
        return new IllegalArgumentException("0x%016x is not a packet of an open pool".formatted(packet));
    }

    private static IllegalStateException releasedTwice() {
        return new IllegalStateException("a packet was released twice");
    }

    private static VarHandle field(String name, Class<?> type) {
        try {
            return MethodHandles.lookup()
                    .findVarHandle(PacketPool.class, name, type)
                    .withInvokeExactBehavior();
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
