package org.barewire.drivers.virtio;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciBar;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciId;
import org.barewire.drivers.vhost.VirtioNet;
import org.jspecify.annotations.Nullable;

/// A virtio network device on PCI, written for tests from the specification. It complains of a driver that
/// breaks a rule, and what it looks like and does is the test's choice.
final class PciModel implements PciDevice {
    private static final int COMMON_AT = 0x000;
    private static final int DEVICE_AT = 0x400;
    private static final int NOTIFY_AT = 0x800;
    private static final int MULTIPLIER = 4;
    private static final int MODERN_BAR = 4;

    /// A command that came through the control queue.
    record Command(int group, int command, List<byte[]> data) {}

    private static final class Queue {
        int size;
        final long[] addresses = new long[3];
        boolean enabled;
        int vector = 0xFFFF;

        @Nullable
        RingDevice ring;

        int notifications;
    }

    final List<String> complaints = new ArrayList<>();
    final List<Command> commands = new ArrayList<>();
    final byte[] net = new byte[24]; // the network device's configuration
    boolean translated;
    boolean gone;
    boolean refusesFeatures;
    int answer; // to control commands
    boolean answers = true;
    boolean resetsAtOnce = true;
    boolean busMaster;
    int vectors; // of MSI-X
    boolean closed;

    private final ModelMemory memory = new ModelMemory();
    private @Nullable Interrupts interrupts;
    private final boolean modern;
    private final long offered;
    private final ModelConfig config = new ModelConfig(() -> gone);
    private final Queue[] queues;
    private final int sizes;
    private int status;
    private int deviceSelect;
    private int driverSelect;
    private int queueSelect;
    private long accepted;

    /// @param pairs the device has, beside a control queue
    /// @param sizes of its rings; at most, if it is modern
    PciModel(boolean modern, long offered, int pairs, int sizes) {
        this.modern = modern;
        this.offered = offered;
        this.sizes = sizes;
        this.queues = new Queue[2 * pairs + 1];
        net[0] = 2;
        net[5] = 1;
        net[6] = 1;
        net[8] = (byte) pairs;
        net[10] = (byte) 0xDC; // 1500
        net[11] = 5;
        net[12] = 100;
        net[17] = 40;
        net[18] = (byte) 128;
        net[20] = 0x3F;
        clear();
        if (modern) {
            config.addStructure(1, 7, 0, 0, 0); // a base address register that there isn't
            config.addStructure(1, MODERN_BAR, COMMON_AT, 64, 0);
            config.addStructure(2, MODERN_BAR, NOTIFY_AT, MULTIPLIER * queues.length, MULTIPLIER);
            config.addStructure(4, MODERN_BAR, DEVICE_AT, net.length, 0);
            config.add(PciConfig.CAPABILITY_MSIX);
        }
    }

    private void clear() {
        status = 0;
        accepted = 0;
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new Queue();
            queues[i].size = sizes;
        }
    }

    /// The features that were agreed on.
    long accepted() {
        return accepted;
    }

    int status() {
        return status;
    }

    void needReset() {
        status |= Transport.NEEDS_RESET;
    }

    /// The ring of a queue that the driver has started.
    RingDevice ring(int queue) {
        return Objects.requireNonNull(queues[queue].ring);
    }

    int notifications(int queue) {
        return queues[queue].notifications;
    }

    /// Has the device say that its common structure is somewhere else.
    void misplace(int offset) {
        config.misplace(offset);
    }

    @Override
    public String address() {
        return "0000:00:09.0";
    }

    @Override
    public PciId id() {
        return new PciId(0x1AF4, modern ? 0x1041 : 0x1000, 0x1AF4, 1, modern ? 1 : 0, 0x020000);
    }

    @Override
    public int numaNode() {
        return Numa.NO_NODE;
    }

    @Override
    public PciConfig config() {
        return new PciConfig(config);
    }

    @Override
    public PciBar bar(int index) {
        if (index != (modern ? MODERN_BAR : 0)) {
            throw new AssertionError("there is no BAR " + index);
        }
        return new ModelSpace() {
            @Override
            int read(int offset, int width) {
                return gone ? ones(width) : modern ? readModern(offset, width) : readLegacy(offset, width);
            }

            @Override
            void write(int offset, int width, int value) {
                if (!gone && modern) {
                    writeModern(offset, width, value);
                } else if (!gone) {
                    writeLegacy(offset, width, value);
                }
            }
        };
    }

    private int readModern(int offset, int width) {
        if (offset >= DEVICE_AT) {
            return readNet(offset - DEVICE_AT, width);
        }
        return switch (offset << 4 | width) {
            case 4 << 4 | 4 -> (int) (offered >>> 32 * deviceSelect);
            case 18 << 4 | 2 -> queues.length;
            case 20 << 4 | 1 -> status;
            case 21 << 4 | 1 -> 7;
            case 24 << 4 | 2 -> queue().size;
            case 26 << 4 | 2 -> queue().vector;
            case 30 << 4 | 2 -> queueSelect;
            default -> complain("reads %d bytes at %d".formatted(width, offset));
        };
    }

    private void writeModern(int offset, int width, int value) {
        if (offset >= NOTIFY_AT) {
            notified(offset == NOTIFY_AT + MULTIPLIER * value && width == 2, value);
            return;
        }
        switch (offset << 4 | width) {
            case 4 -> deviceSelect = value;
            case 8 << 4 | 4 -> driverSelect = value;
            case 12 << 4 | 4 -> {
                check((status & Transport.FEATURES_OK) == 0, "features after FEATURES_OK");
                long half = Integer.toUnsignedLong(value) << 32 * driverSelect;
                accepted = driverSelect == 0 ? accepted & ~0xFFFF_FFFFL | half : accepted & 0xFFFF_FFFFL | half;
            }
            case 20 << 4 | 1 -> setStatus(value);
            case 22 << 4 | 2 -> queueSelect = value;
            case 24 << 4 | 2 -> {
                check(value <= queue().size && Integer.bitCount(value) == 1, "a ring of %d".formatted(value));
                queue().size = value;
            }
            case 26 << 4 | 2 -> queue().vector = value < vectors ? value : 0xFFFF;
            case 28 << 4 | 2 -> enable(value);
            case 32 << 4 | 4, 36 << 4 | 4, 40 << 4 | 4, 44 << 4 | 4, 48 << 4 | 4, 52 << 4 | 4 -> {
                int part = offset - 32 >>> 3;
                int shift = (offset & 4) * 8;
                long old = queue().addresses[part];
                queue().addresses[part] = old & ~(0xFFFF_FFFFL << shift) | Integer.toUnsignedLong(value) << shift;
            }
            default -> complain("writes %d bytes at %d".formatted(width, offset));
        }
    }

    private void enable(int value) {
        check(value == 1 && !queue().enabled, "a queue that is enabled twice");
        check((status & Transport.FEATURES_OK) != 0, "a queue before FEATURES_OK");
        boolean packed = (accepted & VirtioNet.F_RING_PACKED) != 0;
        long[] at = queue().addresses;
        check((at[0] & 15) == 0 && (at[1] & (packed ? 3 : 1)) == 0 && (at[2] & 3) == 0, "a ring that is not aligned");
        start(new RingLayout(packed, queue().size, tagged(at[0], 16), tagged(at[1], 4), tagged(at[2], 4), 0, 0));
    }

    private int readLegacy(int offset, int width) {
        if (offset >= 20) {
            return readNet(offset - 20, width);
        }
        return switch (offset << 4 | width) {
            case 4 -> (int) offered;
            case 12 << 4 | 2 -> queueSelect < queues.length ? queue().size : 0;
            case 18 << 4 | 1 -> status;
            default -> complain("reads %d bytes at %d".formatted(width, offset));
        };
    }

    private void writeLegacy(int offset, int width, int value) {
        switch (offset << 4 | width) {
            case 4 << 4 | 4 -> accepted = Integer.toUnsignedLong(value);
            case 8 << 4 | 4 -> {
                long base = tagged(Integer.toUnsignedLong(value) << 12, 4096);
                long driver = base + 16L * queue().size;
                long device = driver + 4 + 2L * queue().size + 2 + 4095 & -4096;
                start(new RingLayout(false, queue().size, base, driver, device, 0, 0));
            }
            case 14 << 4 | 2 -> queueSelect = value;
            case 16 << 4 | 2 -> notified(true, value);
            case 18 << 4 | 1 -> setStatus(value);
            default -> {
                check(offset >= 20 && offset < 26 && width == 1, "writes %d bytes at %d".formatted(width, offset));
                net[offset - 20] = (byte) value;
            }
        }
    }

    private void setStatus(int value) {
        if (value == 0) {
            if (resetsAtOnce) {
                clear();
            }
            return;
        }
        check((value & status) == status, "status bits that are taken back");
        check((accepted & ~offered) == 0, "features that were not offered");
        status = refusesFeatures ? value & ~Transport.FEATURES_OK : value;
    }

    private int readNet(int offset, int width) {
        check(offset % width == 0, "%d bytes at %d of the configuration".formatted(width, offset));
        return ModelSpace.number(net, offset, width);
    }

    private void start(RingLayout layout) {
        check((status & Transport.DRIVER) != 0, "a queue before DRIVER");
        check((status & Transport.DRIVER_OK) == 0, "a queue after DRIVER_OK");
        check(busMaster, "a queue before bus mastering");
        queue().enabled = true;
        queue().ring = RingDevice.of(layout);
    }

    private void notified(boolean rightly, int queue) {
        check(rightly && queue < queues.length, "a notification of queue %d elsewhere".formatted(queue));
        check((status & Transport.DRIVER_OK) != 0, "a notification before DRIVER_OK");
        queues[queue].notifications++;
        boolean several = (accepted & (VirtioNet.F_MQ | VirtioNet.F_RSS)) != 0;
        if (queue == (several ? queues.length - 1 : 2) && answers) {
            obey(ring(queue));
        }
    }

    private void obey(RingDevice ring) {
        RingDevice.Buffer buffer;
        while ((buffer = ring.take()) != null) {
            List<byte[]> parts = new ArrayList<>();
            for (RingDevice.Piece piece : buffer.pieces()) {
                byte[] bytes = new byte[piece.length()];
                Memory.copy(piece.address(), bytes, 0, bytes.length);
                parts.add(bytes);
            }
            RingDevice.Piece last = buffer.pieces().getLast();
            check(last.flags() == VirtioNet.DESC_WRITE && last.length() == 1, "a command without an answer");
            check(parts.getFirst().length == 2, "a command whose head is not by itself");
            byte[] head = parts.getFirst();
            commands.add(new Command(head[0], head[1], parts.subList(1, parts.size() - 1)));
            Memory.putByte(last.address(), (byte) answer);
            ring.use(buffer, 1);
            long eventIndex = ring.layout.device() + VirtioNet.RING_ENTRIES + 8L * (ring.mask + 1);
            if (!ring.layout.packed() && (accepted & VirtioNet.F_EVENT_IDX) != 0) {
                Memory.putShort(eventIndex, (short) commands.size()); // notify of the next one, too
            }
        }
    }

    private Queue queue() {
        return queues[queueSelect];
    }

    private long tagged(long io, int bytes) {
        long address = io | PacketMemory.TAG;
        check(memory.has(address, bytes), "a ring at 0x%x, where there is no memory".formatted(io));
        return address;
    }

    private void check(boolean holds, String complaint) {
        if (!holds) {
            complain(complaint);
        }
    }

    private int complain(String complaint) {
        complaints.add(complaint);
        return 0;
    }

    @Override
    public DmaMapper dma() {
        return memory;
    }

    @Override
    public boolean isTranslated() {
        return translated;
    }

    @Override
    public int interruptVectors() {
        return vectors;
    }

    @Override
    public Interrupts interrupts(int count) {
        interrupts = new Interrupts(Interrupts.Kind.MSIX, count) {
            @Override
            protected void silence() {}
        };
        return interrupts;
    }

    /// Interrupts for a receive queue, if the driver wants that of the buffer that was used last; says whether.
    boolean interrupt(int queue, int lastUsed) {
        VarHandle.fullFence(); // the driver asks for the interrupt, then looks for a buffer; so the other way here
        RingLayout layout = ring(queue).layout;
        int flags = Memory.getShort(layout.driver() + (layout.packed() ? VirtioNet.EVENT_FLAGS : VirtioNet.RING_FLAGS));
        boolean byIndex = (accepted & VirtioNet.F_EVENT_IDX) != 0 && !layout.packed();
        long event = layout.driver() + VirtioNet.RING_ENTRIES + 2L * layout.size();
        boolean wanted = byIndex ? Memory.getShort(event) == (short) lastUsed : flags == 0;
        return wanted
                && Objects.requireNonNull(interrupts)
                        .event(queues[queue].vector)
                        .signal();
    }

    @Override
    public void reset() {
        clear();
    }

    @Override
    public void setBusMaster(boolean on) {
        busMaster = on;
    }

    @Override
    public void close() {
        check(memory.mapped().isEmpty(), "memory that is mapped still: %s".formatted(memory.mapped()));
        check(status == 0 || gone, "a device that still runs");
        closed = true;
        busMaster = false;
        if (interrupts != null) {
            interrupts.close();
        }
    }
}
