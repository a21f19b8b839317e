package org.barewire.sim;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.ixgbe.Reg;
import org.jspecify.annotations.Nullable;

/// A model of Intel's 82599 10 Gigabit Ethernet controller, one port, at the level of registers and
/// descriptors.
///
/// It answers as the datasheet (revision 3.3) says that the hardware does, and it is strict: {@link
/// #complaints} lists every rule that the driver has broken. A driver gets {@link #registers} and has its
/// memory {@linkplain #map mapped}; whatever it hands over through the rings is processed by {@link #step},
/// which one thread calls, the simulation's. Everything else may be called by any thread.
///
/// What the hardware does after a while is done when its register is read for the second time, or the model
/// stepped. Only the link and interrupt throttling go by the clock of {@link #step}.
public final class Nic82599 implements Endpoint, Steppable, DmaMapper, AutoCloseable {
    /// Receive and transmit queues.
    public static final int QUEUES = 128;

    private static final int BURST = 64;
    private static final int PACKET_BUFFER = 1 << 20;
    private static final int RECEIVE_SCRATCH = 32 << 10;
    private static final int MEMORY = PACKET_BUFFER + RECEIVE_SCRATCH + TxPath.SCRATCH;

    private final String name;
    private final int deviceId;
    private final Eeprom eeprom;
    private final Complaints complaints = new Complaints();
    private final Registers access = new RegisterAccess(this);
    private final RxRing[] rxRings = new RxRing[QUEUES];
    private final TxRing[] txRings = new TxRing[QUEUES];

    private final AtomicInteger waiting = new AtomicInteger(); // threads about to access a register
    private final Object lock = new Object(); // guards all that follows
    private final RegisterFile registers = new RegisterFile();
    private final Statistics statistics = new Statistics(registers);
    private final Interrupts interrupts = new Interrupts(registers, complaints);
    private final DmaSpace dma = new DmaSpace();
    private final BufferSet live = new BufferSet();
    private final QueueRange rxRange = new QueueRange();
    private final QueueRange txRange = new QueueRange();
    private final RxFilter filter = new RxFilter(registers);
    private final RssHash rss = new RssHash(registers);
    private final DeviceControl device;
    private final DataPathControl path;
    private final Link link;
    private final RxPath receiver;
    private final TxPath transmitter;
    private final long memory;
    private int nextTx;
    private boolean closed;
    private volatile @Nullable IntConsumer interruptSink;

    /// A card that has just been powered up, with a module in its SFP+ cage and nothing plugged in.
    ///
    /// @param name     for people
    /// @param deviceId PCI device id, which says what the link runs over: 0x10FB for the SFP+ card, 0x10F7 and
    ///     0x1517 for backplanes, 0x1528 (X540) and 0x1563 (X550) for 10GBASE-T; but for PHY and
    ///     semaphores the registers are the 82599's for all of them
    /// @param mac      the address in its EEPROM
    public Nic82599(String name, int deviceId, MacAddress mac) {
        this.name = name;
        this.deviceId = deviceId;
        eeprom = new Eeprom(mac);
        device = new DeviceControl(this, registers, eeprom, isX540(), complaints);
        path = new DataPathControl(registers, device, interrupts, complaints);
        link = new Link(registers, interrupts, Medium.of(deviceId));
        for (int i = 0; i < QUEUES; i++) {
            rxRings[i] = new RxRing(i, registers, dma, live, rxRange, complaints);
            txRings[i] = new TxRing(i, registers, dma, path, interrupts, txRange, complaints);
        }
        memory = OwnMemory.map(MEMORY);
        receiver = new RxPath(
                registers,
                path,
                rxRings,
                filter,
                new FrameParser(registers, rss),
                statistics,
                interrupts,
                complaints,
                new PacketBuffer(memory, PACKET_BUFFER),
                memory + PACKET_BUFFER);
        transmitter = new TxPath(
                registers,
                link,
                receiver,
                dma,
                live,
                statistics,
                complaints,
                txRings[0],
                memory + PACKET_BUFFER + RECEIVE_SCRATCH);
        loadAddress();
    }

    public String name() {
        return name;
    }

    /// PCI device id.
    public int deviceId() {
        return deviceId;
    }

    /// The register space behind BAR 0: what a driver is given. Any thread may access it.
    public Registers registers() {
        return access;
    }

    /// Plugs in this card's end of a wire. The link comes up as soon as the other end is plugged in too.
    public void connect(WireEnd end) {
        end.connect(this);
        synchronized (lock) {
            link.plug(end);
        }
    }

    /// How long the link takes to come up, by the clock of {@link #step}; 0 at first.
    public void linkDelay(long nanos) {
        synchronized (lock) {
            link.delay(nanos);
        }
    }

    /// Puts a module in the SFP+ cage or takes it out. Does nothing to a card that has no cage.
    public void insertModule(boolean present) {
        synchronized (lock) {
            link.module(present);
        }
    }

    /// Has the sink called with the number of the MSI-X vector for each interrupt (0 for MSI), by the thread
    /// that steps. It may access registers, but should only wake somebody up.
    public void onInterrupt(IntConsumer sink) {
        interruptSink = sink;
    }

    /// Every rule broken so far: a sentence each, with the register's name and the section of the datasheet.
    public List<String> complaints() {
        return complaints.list();
    }

    Set<Rule> brokenRules() {
        return complaints.rules();
    }

    @Override
    public void map(Region region) {
        region.extents().forEach(extent -> map(extent.ioAddress(), extent.length(), extent.address(), true));
    }

    @Override
    public void unmap(Region region) {
        region.extents().forEach(extent -> unmap(extent.ioAddress(), extent.length()));
    }

    /// Lets the device access memory.
    ///
    /// @param io       the address that the device has it by
    /// @param address  where it is in this process
    /// @param mayWrite whether the device may also write it
    public void map(long io, long length, long address, boolean mayWrite) {
        synchronized (lock) {
            dma.map(io, length, address, mayWrite);
        }
    }

    /// The device may not access any more what was mapped at io addresses in a range (unsigned).
    public void unmap(long io, long length) {
        synchronized (lock) {
            for (int i = 0; i < QUEUES; i++) {
                rxRings[i].unmap(io, length);
                txRings[i].unmap(io, length);
            }
            dma.unmap(io, length);
        }
    }

    /// Lets the device access memory by itself, or forbids it (9.3.3); allowed at first.
    public void setBusMaster(boolean on) {
        synchronized (lock) {
            device.setBusMaster(on);
        }
    }

    /// Resets it as the bus does (4.2.1.5): everything is as after power-up.
    public void resetFunction() {
        synchronized (lock) {
            reset(true);
        }
    }

    /// Has a line that is still asserted interrupt again, after it was masked.
    public void unmaskLine() {
        synchronized (lock) {
            interrupts.rearm();
        }
    }

    @Override
    public void frameArrived(long address, int length, boolean damaged) {
        giveWay();
        synchronized (lock) {
            if (link.up() && device.masterEnabled()) {
                receiver.arrive(address, length, damaged);
            }
        }
    }

    @Override
    public void carrierChanged(boolean up) {
        link.carrier(up);
    }

    @Override
    public boolean step(long nowNanos) {
        boolean worked;
        long due;
        giveWay();
        synchronized (lock) {
            worked = link.step(nowNanos);
            device.elapse();
            path.elapse();
            boolean canSend = transmitter.canSend(nowNanos);
            if (device.masterEnabled()) {
                worked |= stepReceiver();
                worked |= stepTransmitter(nowNanos, canSend);
            }
            due = interrupts.due(nowNanos);
        }
        IntConsumer sink = interruptSink;
        for (long left = sink == null ? 0 : due; left != 0 && sink != null; left &= left - 1) {
            sink.accept(Long.numberOfTrailingZeros(left));
        }
        return worked || due != 0;
    }

    /// Frees the model's own memory. Nothing may be called any more.
    @Override
    public void close() {
        synchronized (lock) {
            if (!closed) {
                closed = true;
                Mman.unmap(memory, MEMORY);
            }
        }
    }

    RxRing rxRing(int queue) {
        return rxRings[queue];
    }

    TxRing txRing(int queue) {
        return txRings[queue];
    }

    int read(int offset) {
        waiting.incrementAndGet();
        synchronized (lock) {
            waiting.decrementAndGet();
            RegisterKind kind = RegisterTable.kind(offset);
            if (kind == RegisterKind.UNDEFINED) {
                complaints.add(Rule.UNDEFINED_REGISTER, "address 0x%x".formatted(offset), "read");
                return 0;
            }
            int proper = RegisterTable.proper(offset);
            return switch (kind) {
                case COUNTER -> registers.take(proper);
                case WIDE_COUNTER -> statistics.readWide(proper);
                case DEVICE -> device.read(proper);
                case LINK -> link.read(proper);
                case INTERRUPT -> interrupts.read(proper);
                case DATA_PATH -> path.read(proper);
                case RX_QUEUE, RX_TAIL -> rxRings[RegisterAccess.rxQueue(proper)].read(proper & 0x3F);
                case TX_QUEUE, TX_TAIL -> txRings[RegisterAccess.txQueue(proper)].read(proper & 0x3F);
                default -> registers.get(proper);
            };
        }
    }

    void write(int offset, int value) {
        waiting.incrementAndGet();
        synchronized (lock) {
            waiting.decrementAndGet();
            RegisterKind kind = RegisterTable.kind(offset);
            if (kind == RegisterKind.UNDEFINED) {
                complaints.add(Rule.UNDEFINED_REGISTER, "address 0x%x".formatted(offset), "write");
                return;
            }
            int proper = RegisterTable.proper(offset);
            if (proper != Reg.CTRL) {
                device.noteWrite(proper);
            }
            switch (kind) {
                case DEVICE -> device.write(proper, value);
                case LINK -> link.write(proper, value);
                case INTERRUPT -> interrupts.write(proper, value);
                case DATA_PATH -> path.write(proper, value);
                case RX_QUEUE -> rxRings[RegisterAccess.rxQueue(proper)].write(proper & 0x3F, value);
                case TX_QUEUE -> txRings[RegisterAccess.txQueue(proper)].write(proper & 0x3F, value);
                case FILTER -> {
                    filter.write(proper, value);
                    rss.keyChanged();
                }
                case PLAIN -> registers.put(proper, value);
                default -> {} // counters and read-only registers don't take a value
            }
        }
    }

    private boolean isX540() {
        return switch (deviceId) {
            case 0x1528, 0x1560, 0x1563, 0x15D1 -> true; // the last two are an X550
            default -> false;
        };
    }

    boolean interruptsUnmasked() {
        return interrupts.unmasked();
    }

    /// Everything but the link, and that too if asked for, is as after power-up.
    void reset(boolean linkToo) {
        for (int i = 0; i < QUEUES; i++) {
            rxRings[i].reset();
            txRings[i].reset();
        }
        rxRange.clear();
        txRange.clear();
        receiver.reset();
        transmitter.reset();
        registers.reset(linkToo);
        statistics.reset();
        interrupts.reset();
        path.reset();
        if (linkToo) {
            link.reset();
        }
        loadAddress();
    }

    private void loadAddress() {
        filter.write(Reg.ral(0), (int) eeprom.address());
        filter.write(Reg.rah(0), (int) (eeprom.address() >>> 32) | Reg.RAH_AV);
        rss.keyChanged();
    }

    /// The simulation's thread takes the lock again as soon as it has released it, and would starve the
    /// others.
    @SuppressWarnings("ThreadPriorityCheck") // both may have to share one processor
    private void giveWay() {
        while (waiting.get() != 0) {
            Thread.yield();
        }
    }

    private boolean stepReceiver() {
        boolean worked = false;
        for (int i = 0; i < rxRange.end(); i++) {
            rxRings[i].enableIfRequested();
            worked |= rxRings[i].fetch();
        }
        worked |= receiver.drain();
        return worked;
    }

    private boolean stepTransmitter(long nowNanos, boolean canSend) {
        int end = txRange.end();
        boolean worked = transmitter.continueSegments(nowNanos);
        int left = path.transmitting() ? BURST : 0;
        for (int i = 0; i < end; i++) {
            int queue = nextTx + i < end ? nextTx + i : nextTx + i - end;
            TxRing ring = txRings[queue];
            ring.elapse(nowNanos, canSend);
            while (left > 0
                    && !transmitter.segmenting()
                    && ring.hasWork()
                    && transmitter.canSend(nowNanos)
                    && transmitter.sendNext(ring, nowNanos)) {
                left--;
                worked = true;
            }
        }
        nextTx = nextTx + 1 < end ? nextTx + 1 : 0;
        return worked;
    }
}
