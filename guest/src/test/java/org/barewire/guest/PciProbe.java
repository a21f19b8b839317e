package org.barewire.guest;

import java.util.List;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciBar;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciDevices;

/// A program in a guest that takes one of Intel's gigabit cards by hand, without a driver.
///
/// Arguments: what to try, the card's address, and `force` to take it from a kernel that uses it. Registers are
/// those of the 82574 (its datasheet, 10.2), which the 82540EM has in the same places.
public final class PciProbe {
    private static final int ID_82540 = 0x100E;
    private static final int CTRL = 0x0000;
    private static final int CTRL_RESET = 1 << 26;
    private static final int STATUS = 0x0008;
    private static final int ICR = 0x00C0;
    private static final int ICS = 0x00C8;
    private static final int IMS = 0x00D0;
    private static final int IMC = 0x00D8;
    private static final int IVAR = 0x00E4;
    private static final int CAUSE_RXQ0 = 1 << 20;
    private static final int CAUSE_LINK = 1 << 2;
    private static final int TCTL = 0x0400;
    private static final int TCTL_ENABLE = 1 << 1;
    private static final int TDBAL = 0x3800;
    private static final int TDBAH = 0x3804;
    private static final int TDLEN = 0x3808;
    private static final int TDH = 0x3810;
    private static final int TDT = 0x3818;
    private static final int TXDCTL = 0x3828;
    private static final int RAL = 0x5400;
    private static final int RAH = 0x5404;

    private static final int RING_BYTES = 128;
    private static final int COMMAND_EOP_IFCS_RS = 0x0B; // in byte 11 of a legacy descriptor
    private static final int DONE = 12; // its status byte, bit 0
    private static final long UNMAPPED = 0x12_3450_0000L;
    private static final long PATIENCE = 5_000_000_000L;

    private final PciDevice device;
    private final PacketMemory memory;
    private final Registers registers;

    private PciProbe(PciDevice device, PacketMemory memory) {
        this.device = device;
        this.memory = memory;
        this.registers = device.bar(0).registers();
    }

    /// Prints `key=value` a line, or why it can't.
    @SuppressWarnings("try") // closing twice does nothing, and what closing says is printed here
    public static void main(String[] arguments) throws InterruptedException {
        List<String> words = List.of(arguments);
        PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE_IF_FREE, Numa.NO_NODE);
        try (PciDevice device = new PciDevices().open(words.get(1), memory, words.contains("force"))) {
            memory.attach(device.dma());
            PciProbe probe = new PciProbe(device, memory);
            switch (words.getFirst()) {
                case "look" -> probe.look();
                case "interrupt" -> probe.interrupt();
                case "dma" -> probe.send(true);
                case "stray" -> probe.send(false);
                case "reset" -> probe.reset();
                case "remove" ->
                    SystemFiles.ofMachine().write("sys/bus/pci/devices/" + device.address() + "/remove", "1");
                case "beside" -> probe.beside(words.get(2));
                default -> probe.hold();
            }
            device.setBusMaster(false);
            memory.detach(device.dma());
        } catch (RuntimeException e) {
            print("refused", String.valueOf(e.getMessage()));
            System.exit(1);
        }
        print("closed", true);
    }

    private static void print(String key, Object value) {
        System.out.println(key + "=" + value);
    }

    private void look() {
        print("config", "%08x".formatted(device.config().read32(0)));
        print("command", "%04x".formatted(device.config().read16(PciConfig.COMMAND)));
        print("express", device.config().capability(PciConfig.CAPABILITY_PCI_EXPRESS) > 0);
        print("status", "%08x".formatted(registers.read32(STATUS)));
        print("status8", "%02x".formatted(device.bar(0).read8(STATUS)));
        print("address", "%08x%04x".formatted(Integer.reverseBytes(registers.read32(RAL)), highAddress()));
        print("ports", "%08x".formatted(throughPorts(STATUS)));
        print("vectors", device.interruptVectors());
    }

    private int highAddress() {
        return Short.toUnsignedInt(Short.reverseBytes((short) registers.read32(RAH)));
    }

    /// A register by way of the I/O ports IOADDR and IODATA (10.2.2.1 and, for the 8254x, 13.2.1), which are in
    /// BAR 2, or in BAR 1 of an 8254x with a 32-bit BAR 0.
    private int throughPorts(int register) {
        PciBar ports = device.bar(device.id().device() == ID_82540 ? 1 : 2);
        ports.write32(0, register);
        return ports.read32(4);
    }

    /// Has the card raise an interrupt, twice.
    private void interrupt() {
        int vectors = Math.min(3, device.interruptVectors());
        Interrupts interrupts = device.interrupts(vectors);
        print("kind", interrupts.kind());
        device.setBusMaster(true); // a message is a write to memory
        int cause = interrupts.kind() == Interrupts.Kind.MSIX ? CAUSE_RXQ0 : CAUSE_LINK;
        int vector = interrupts.kind() == Interrupts.Kind.MSIX ? 1 : 0;
        registers.write32(IMC, -1);
        registers.write32(IVAR, 0x8 | vector); // receive queue 0, valid (10.2.4.9)
        registers.write32(IMS, cause);
        for (int i = 0; i < 2; i++) {
            registers.write32(ICS, cause);
            boolean came = Poll.of(interrupts.event(vector).fd(), Poll.IN).await(5000) == 1;
            print("arrived", came && interrupts.event(vector).drain());
            registers.read32(ICR); // clears the cause
            registers.write32(ICR, -1);
            interrupts.unmask();
        }
        interrupts.close();
    }

    /// Has the card read a descriptor with an empty frame and write it back, or read where nothing is mapped.
    private void send(boolean mapped) {
        long ring = memory.allocateRing(4096);
        long packet = ring + 2048;
        Memory.putLong(ring, PacketMemory.ioAddress(packet));
        Memory.putInt(ring + 8, COMMAND_EOP_IFCS_RS << 24 | 60);
        long address = mapped ? PacketMemory.ioAddress(ring) : UNMAPPED;
        print("memory", memory.describe());
        device.setBusMaster(true);
        registers.write32(CTRL, registers.read32(CTRL) | CTRL_RESET);
        registers.await(CTRL, CTRL_RESET, 0, PATIENCE);
        registers.write32(TDBAL, (int) address);
        registers.write32(TDBAH, (int) (address >>> 32));
        registers.write32(TDLEN, RING_BYTES);
        registers.write32(TDH, 0); // QEMU 7.2's card keeps it through a reset, with most other registers
        registers.write32(TDT, 0);
        registers.write32(TXDCTL, registers.read32(TXDCTL) | 1 << 25);
        registers.write32(TCTL, registers.read32(TCTL) | TCTL_ENABLE);
        registers.write32(TDT, 1);
        print(
                "written",
                Registers.await(() -> (Memory.getByteAcquire(ring + DONE) & 1) != 0, mapped ? PATIENCE : PATIENCE / 5));
    }

    private void reset() {
        registers.write32(TDLEN, RING_BYTES);
        device.setBusMaster(true);
        device.reset();
        print("length", registers.read32(TDLEN));
        print("command", "%04x".formatted(device.config().read16(PciConfig.COMMAND)));
    }

    /// Opens another card on the same memory.
    private void beside(String other) {
        try (PciDevice second = new PciDevices().open(other, memory, false)) {
            memory.attach(second.dma());
            PciProbe probe = new PciProbe(second, memory);
            probe.send(true);
            memory.add(1);
            memory.detach(second.dma());
        }
        send(true);
    }

    private void hold() throws InterruptedException {
        device.setBusMaster(true);
        print("held", true);
        Thread.sleep(Long.MAX_VALUE);
    }
}
