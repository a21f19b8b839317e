package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.ixgbe.Reg;

/// A card on a test bench: the model, memory, a wire with a probe at its far end, and a driver by hand that
/// does each step of the bring-up in the right order. Tests do one step differently and look at the
/// complaints.
final class Bench implements AutoCloseable {
    static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
    static final int RING = 64;
    static final int BUFFER = 2048;

    private static final int NOTHING = -1;

    private static final int END_OF_PACKET = 1 << 24;
    private static final int INSERT_FCS = 1 << 25;
    private static final int REPORT_STATUS = 1 << 27;
    private static final int ADVANCED = 1 << 29;
    private static final int DATA = 3 << 20;
    static final int SEND = END_OF_PACKET | INSERT_FCS | REPORT_STATUS | ADVANCED | DATA;

    final Nic82599 nic;
    final Registers registers;
    final PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    final Wire wire = new Wire(WireConfig.standard().withRate(0));
    final Probe probe = new Probe(wire.right());
    final long rxRing;
    final long txRing;
    final long rxBuffers;
    final long txBuffers;
    long now;
    int rxTail;
    int txTail;

    Bench() {
        this(0x10FB);
    }

    Bench(int deviceId) {
        nic = new Nic82599("bench", deviceId, MAC);
        registers = nic.registers();
        memory.attach(nic);
        rxRing = memory.allocateRing(RING * 16);
        txRing = memory.allocateRing(RING * 16);
        rxBuffers = memory.add(2L * RING * BUFFER).address();
        txBuffers = rxBuffers + RING * BUFFER;
        nic.connect(wire.left());
        wire.right().connect(probe);
    }

    /// A card that is up.
    static Bench up() {
        Bench bench = new Bench();
        bench.bringUp();
        return bench;
    }

    /// Receive and transmit queue 0 have 64 descriptors each.
    void bringUp() {
        resetAndConfigure();
        startReceiver();
        startRxQueue(0);
        startTxQueue(0);
        fillRxRing(RING - 1);
        step();
        assertThat(nic.complaints()).isEmpty();
    }

    void resetAndConfigure() {
        reset();
        configure();
        assertThat(nic.complaints()).isEmpty();
    }

    void reset() {
        resetBut(NOTHING);
    }

    /// Resets the card, and leaves out what concerns one of the registers EIMC, EEC and RDRXCTL.
    void resetBut(int leftOut) {
        registers.write32(Reg.EIMC, 0x7FFF_FFFF);
        registers.set(Reg.CTRL, Reg.CTRL_RST | Reg.CTRL_LRST);
        await(Reg.CTRL, Reg.CTRL_RST | Reg.CTRL_LRST, 0);
        if (leftOut != Reg.EIMC) {
            registers.write32(Reg.EIMC, 0x7FFF_FFFF);
        }
        if (leftOut != Reg.EEC) {
            await(Reg.EEC, Reg.EEC_ARD, Reg.EEC_ARD);
        }
        if (leftOut != Reg.RDRXCTL) {
            await(Reg.RDRXCTL, Reg.RDRXCTL_DMAIDONE, Reg.RDRXCTL_DMAIDONE);
        }
    }

    void configure() {
        configureBut(NOTHING);
    }

    /// Configures the card but for some of RDRXCTL and the sizes of its packet buffers.
    void configureBut(Integer... leftOut) {
        List<Integer> omitted = List.of(leftOut);
        registers.set(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP | Reg.HLREG0_TXCRCEN | Reg.HLREG0_TXPADEN);
        if (!omitted.contains(Reg.RDRXCTL)) {
            registers.clear(Reg.RDRXCTL, Reg.RDRXCTL_RSCFRSTSIZE);
            registers.set(Reg.RDRXCTL, Reg.RDRXCTL_CRCSTRIP | Reg.RDRXCTL_RSCACKC | Reg.RDRXCTL_FCOE_WRFIX);
        }
        for (int i = 1; i < 8; i++) {
            for (int size : new int[] {Reg.rxpbsize(i), Reg.txpbsize(i)}) {
                if (!omitted.contains(size)) {
                    registers.write32(size, 0);
                }
            }
        }
        registers.set(Reg.FCTRL, Reg.FCTRL_BAM);
        registers.set(Reg.CTRL_EXT, Reg.CTRL_EXT_NS_DIS);
        registers.write32(Reg.DTXMXSZRQ, 0xFFF);
        for (int i = 0; i < 16; i++) {
            registers.clear(Reg.dcaRxctrl(i), Reg.DCA_RXCTRL_BIT_12);
            registers.clear(Reg.dcaTxctrl(i), Reg.DCA_TXCTRL_WRITE_BACK_RELAXED);
        }
        registers.set(Reg.DMATXCTL, Reg.DMATXCTL_TE);
    }

    void startReceiver() {
        registers.set(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
        await(Reg.SECRXSTAT, Reg.SECRXSTAT_SECRX_RDY, Reg.SECRXSTAT_SECRX_RDY);
        registers.set(Reg.RXCTRL, Reg.RXCTRL_RXEN);
        registers.clear(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
    }

    void prepareRxQueue(int queue, long ring) {
        long io = PacketMemory.ioAddress(ring);
        registers.write32(Reg.rdbal(queue), (int) io);
        registers.write32(Reg.rdbah(queue), (int) (io >>> 32));
        registers.write32(Reg.rdlen(queue), RING * 16);
        registers.write32(Reg.rdh(queue), 0);
        registers.write32(Reg.rdt(queue), 0);
        registers.write32(Reg.srrctl(queue), Reg.SRRCTL_DESCTYPE_ADVANCED | BUFFER >> 10);
    }

    void enableRxQueue(int queue) {
        registers.set(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE);
        await(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE, Reg.RXDCTL_ENABLE);
    }

    void startRxQueue(int queue) {
        prepareRxQueue(queue, rxRing);
        enableRxQueue(queue);
    }

    void prepareTxQueue(int queue) {
        long io = PacketMemory.ioAddress(txRing);
        registers.write32(Reg.tdbal(queue), (int) io);
        registers.write32(Reg.tdbah(queue), (int) (io >>> 32));
        registers.write32(Reg.tdlen(queue), RING * 16);
        registers.write32(Reg.tdh(queue), 0);
        registers.write32(Reg.tdt(queue), 0);
    }

    void enableTxQueue(int queue) {
        registers.set(Reg.txdctl(queue), Reg.TXDCTL_ENABLE);
        await(Reg.txdctl(queue), Reg.TXDCTL_ENABLE, Reg.TXDCTL_ENABLE);
    }

    void startTxQueue(int queue) {
        prepareTxQueue(queue);
        enableTxQueue(queue);
    }

    /// Gives the device as many more receive buffers, each in its slot.
    void fillRxRing(int buffers) {
        for (int i = 0; i < buffers; i++) {
            rxDescriptor(rxTail, PacketMemory.ioAddress(rxBuffer(rxTail)), 0);
            rxTail = (rxTail + 1) % RING;
        }
        registers.write32(Reg.rdt(0), rxTail);
    }

    void rxDescriptor(int slot, long lower, long upper) {
        Memory.putLong(rxRing + slot * 16L, lower);
        Memory.putLong(rxRing + slot * 16L + 8, upper);
    }

    Region regionOf(long address) {
        return memory.regions().stream()
                .filter(region -> region.address() <= address && address < region.address() + region.length())
                .findFirst()
                .orElseThrow();
    }

    long rxBuffer(int slot) {
        return rxBuffers + (long) slot * BUFFER;
    }

    long txBuffer(int slot) {
        return txBuffers + (long) slot * BUFFER;
    }

    long rxLower(int slot) {
        return Memory.getLong(rxRing + slot * 16L);
    }

    long rxUpper(int slot) {
        return Memory.getLong(rxRing + slot * 16L + 8);
    }

    long txUpper(int slot) {
        return Memory.getLong(txRing + slot * 16L + 8);
    }

    /// The frame in the buffers from a slot on, as its descriptor says.
    byte[] received(int slot) {
        return bytes(rxBuffer(slot), (int) (rxUpper(slot) >>> 32) & 0xFFFF);
    }

    /// Writes a transmit descriptor behind the tail and returns its slot; the doorbell is the caller's.
    int txDescriptor(long lower, long upper) {
        int slot = txTail;
        Memory.putLong(txRing + slot * 16L, lower);
        Memory.putLong(txRing + slot * 16L + 8, upper);
        txTail = (txTail + 1) % RING;
        return slot;
    }

    /// A data descriptor for a whole packet, with more bits of command and options.
    int queueFrame(byte[] frame, int command, int options) {
        long buffer = txBuffer(txTail);
        Memory.copy(frame, 0, buffer, frame.length);
        long upper = (options | (long) frame.length << 14) << 32 | (SEND | command | frame.length) & 0xFFFF_FFFFL;
        return txDescriptor(PacketMemory.ioAddress(buffer), upper);
    }

    /// Clears bits of a descriptor's command that are not in a mask.
    void txCommand(int slot, int mask) {
        Memory.putInt(txRing + slot * 16L + 8, Memory.getInt(txRing + slot * 16L + 8) & mask);
    }

    /// Changes a descriptor's PAYLEN.
    void txPayload(int slot, int payload) {
        long options = txRing + slot * 16L + 12;
        Memory.putInt(options, Memory.getInt(options) & 0x3FFF | payload << 14);
    }

    void ringTx() {
        registers.write32(Reg.tdt(0), txTail);
    }

    void send(byte[] frame) {
        queueFrame(frame, 0, 0);
        ringTx();
        step();
    }

    /// Has the probe send a frame, and the card receive it.
    void receive(byte[] frame) {
        probe.send(frame);
        step();
    }

    /// Lets a microsecond pass, three times everything.
    void step() {
        for (int i = 0; i < 3; i++) {
            now += 1000;
            nic.step(now);
            wire.step(now);
        }
    }

    void await(int offset, int mask, int value) {
        for (int i = 0; i < 10; i++) {
            if ((registers.read32(offset) & mask) == value) {
                return;
            }
        }
        throw new AssertionError("register 0x%x stays at 0x%x".formatted(offset, registers.read32(offset)));
    }

    void assertComplaint(String... parts) {
        assertThat(nic.complaints()).anySatisfy(sentence -> assertThat(sentence).contains(parts));
    }

    static byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copy(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() {
        memory.close();
        nic.close();
        probe.memory.close();
    }

    /// The far end of the wire: keeps what arrives.
    static final class Probe implements Endpoint {
        final List<byte[]> frames = new ArrayList<>();
        private final WireEnd end;
        private final PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
        private final long scratch = memory.add(1).address();

        Probe(WireEnd end) {
            this.end = end;
        }

        void send(byte[] frame) {
            Memory.copy(frame, 0, scratch, frame.length);
            end.send(0, scratch, frame.length);
        }

        @Override
        public void frameArrived(long address, int length, boolean damaged) {
            frames.add(bytes(address, length));
        }
    }
}
