package org.barewire.drivers.igb;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.intel.AddressRegisters;
import org.barewire.drivers.intel.CounterSums;
import org.barewire.drivers.intel.Waiting;

/// A virtual function: queues of its own, and a physical function, under a driver of its own, that is asked
/// for everything else.
final class VirtualNic implements Nic {
    private static final int MOST_HASHES = 30; // that a message has room for

    private final String device;
    private final Registers registers;
    private final DeviceConfig config;
    private final Mailbox mailbox;
    private final CounterSums sums;
    private MacAddress address = new MacAddress(0);

    VirtualNic(String device, Registers registers, DeviceConfig config) {
        this.device = device;
        this.registers = registers;
        this.config = config;
        this.mailbox = new Mailbox(device, registers);
        this.sums = new CounterSums(registers);
    }

    @Override
    public void bringUp() {
        reset();
        mailbox.awaitPhysicalFunction();
        int[] answer = mailbox.exchange(3, Mailbox.RESET);
        if (Mailbox.isYes(answer[0])) {
            address = AddressRegisters.address(answer[1], answer[2]);
        } else {
            setAddress(randomAddress()); // nobody has given it one
        }
        int longest = config.maxFrameLength() + PhysicalNic.FCS;
        mailbox.ask("take frames of %d bytes".formatted(longest), Mailbox.SET_LONGEST_FRAME, longest);
        readCounters(); // from here on
    }

    /// One of those that anybody may use (IEEE 802, 8.4).
    private static MacAddress randomAddress() {
        long bits = ThreadLocalRandom.current().nextLong(1L << 40);
        return new MacAddress(0x0200_0000_0000L | bits);
    }

    /// Stops its queues, and masks its interrupts (82576 datasheet, 8.26).
    private void reset() {
        registers.write32(Reg.VTEIMC, -1);
        registers.set(Reg.VTCTRL, Reg.CTRL_RST);
        Waiting.pause(10_000_000);
        registers.write32(Reg.VTEIMC, -1);
        registers.read32(Reg.VTEICR); // forgets causes
    }

    /// The physical function lets frames in as soon as it has answered the reset; queues that are stopped
    /// take none.
    @Override
    public void setReceiving(boolean on) {}

    @Override
    public MacAddress address() {
        return address;
    }

    @Override
    public void setAddress(MacAddress address) {
        AddressRegisters.checkOwn(address);
        mailbox.ask(
                "give it the address " + address,
                Mailbox.SET_ADDRESS,
                AddressRegisters.low(address),
                AddressRegisters.high(address));
        this.address = address;
    }

    @Override
    public void setPromiscuous(boolean multicast, boolean all) {
        if (all) {
            throw new DeviceException(
                    "%s is a virtual function, which can't receive what is for others; use the physical one"
                            .formatted(device));
        }
        mailbox.ask(
                "change what multicast frames it receives",
                Mailbox.SET_PROMISCUOUS | (multicast ? Mailbox.PROMISCUOUS_MULTICAST : 0));
    }

    @Override
    public void setMulticast(Collection<MacAddress> addresses) {
        List<Integer> hashes = new ArrayList<>();
        addresses.forEach(group -> hashes.add(AddressRegisters.multicastHash(group)));
        if (hashes.size() > MOST_HASHES) {
            throw new DeviceException("%s can receive %d multicast addresses, not %d; receive all of them instead"
                    .formatted(device, MOST_HASHES, hashes.size()));
        }
        int[] message = new int[1 + (hashes.size() + 1) / 2];
        message[0] = Mailbox.SET_MULTICAST | hashes.size() << Mailbox.INFORMATION_SHIFT;
        for (int i = 0; i < hashes.size(); i++) {
            message[1 + i / 2] |= hashes.get(i) << 16 * (i & 1);
        }
        mailbox.ask("receive %d multicast addresses".formatted(hashes.size()), message);
    }

    @Override
    public LinkState link() {
        return PhysicalNic.linkOf(registers.read32(Reg.STATUS), "the physical function has no link");
    }

    @Override
    public void blink(boolean on) {
        throw new DeviceException(device + " is a virtual function and has no LED; use the physical one");
    }

    @Override
    public DeviceStatistics statistics(long txErrors) {
        readCounters();
        long received = sums.get("VFGPRC");
        long sent = sums.get("VFGPTC");
        return new DeviceStatistics(
                received,
                sums.get("VFGORC") - PhysicalNic.FCS * received,
                0,
                0,
                sent,
                sums.get("VFGOTC") - PhysicalNic.FCS * sent,
                txErrors,
                sums.all());
    }

    /// They have 32 bits, wrap, and are not cleared by reading (82576 datasheet, 8.26).
    private void readCounters() {
        sums.readWrapping("VFGPRC", Reg.VFGPRC);
        sums.readWrapping("VFGORC", Reg.VFGORC);
        sums.readWrapping("VFMPRC", Reg.VFMPRC);
        sums.readWrapping("VFGPTC", Reg.VFGPTC);
        sums.readWrapping("VFGOTC", Reg.VFGOTC);
    }

    @Override
    public void shutDown() {
        reset();
    }
}
