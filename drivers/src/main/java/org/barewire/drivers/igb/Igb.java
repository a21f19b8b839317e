package org.barewire.drivers.igb;

import java.util.Collection;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.barewire.drivers.intel.IntelPort;
import org.barewire.drivers.intel.StatisticsReader;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.Throttle;

/// A 1 Gbit/s card of Intel's, or a virtual function of one, driven by polling, or by polling and sleeping.
/// See docs/igb.md.
final class Igb extends IntelPort {
    private final IgbModel model;
    private final PciDevice device;
    private final Registers registers;
    private final Nic nic;

    private Igb(String name, IgbModel model, PciDevice device, DeviceConfig config, Throttle throttle) {
        Registers registers = device.bar(0).registers();
        super(name, config, device.dma(), device, new QueueStarter(name, model.chip(), registers, config));
        this.model = model;
        this.device = device;
        this.registers = registers;
        this.nic = model.chip() == IgbModel.Chip.VIRTUAL
                ? new VirtualNic(name, registers, config)
                : new PhysicalNic(name, model.chip(), registers, config);
        nic.bringUp();
        interruptBy(Vectors.open(model.chip(), device, registers, config.queues(), throttle));
        device.setBusMaster(true); // not before the reset: what was there may still know memory of others
    }

    /// Takes over a device: resets it, brings its link up, leaves its queues stopped.
    ///
    /// @param options as in {@link IgbDriver#open}
    /// @throws DeviceException if it does not come up; it has been given back then
    static Igb open(String name, IgbModel model, PciDevice device, DeviceConfig config, Map<String, String> options) {
        try (Undo undo = new Undo()) {
            undo.add(device::close);
            checkConfig(name, model, config);
            Throttle throttle = Throttle.parse(options, model.chip().longestThrottle());
            config.memory().attach(device.dma());
            undo.add(() -> config.memory().detach(device.dma()));
            Igb opened = new Igb(name, model, device, config, throttle);
            StatisticsReader.add(opened);
            undo.forget();
            return opened;
        }
    }

    private static void checkConfig(String name, IgbModel model, DeviceConfig config) {
        int queues = model.chip().queues();
        if (config.queues() > queues) {
            throw new DeviceException("%s, an %s, has %d %s each way, not %d; open it with ?queues=%d"
                    .formatted(name, model, queues, queues == 1 ? "queue" : "queues", config.queues(), queues));
        }
        int overhead = config.maxFrameLength() - config.mtu() + PhysicalNic.FCS;
        if (config.mtu() + overhead > model.chip().longestFrame()) {
            int largest = model.chip().longestFrame() - overhead;
            throw new DeviceException("%s, an %s, can't have an MTU of %d; open it with ?mtu=%d or less"
                    .formatted(name, model, config.mtu(), largest));
        }
    }

    @Override
    public String description() {
        return model.chip().family() + " " + model;
    }

    @Override
    protected void enableReceiver(boolean on) {
        nic.setReceiving(on);
    }

    @Override
    public synchronized MacAddress macAddress() {
        checkOpen();
        return nic.address();
    }

    @Override
    public synchronized void setMacAddress(MacAddress address) {
        checkOpen();
        nic.setAddress(address);
    }

    @Override
    protected void receiveAll(boolean multicast, boolean all) {
        nic.setPromiscuous(multicast, all);
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        checkOpen();
        nic.setMulticast(addresses);
    }

    @Override
    protected LinkState readLink() {
        return nic.link();
    }

    @Override
    public synchronized void blink(boolean on) {
        checkOpen();
        nic.blink(on);
    }

    @Override
    protected DeviceStatistics readStatistics(long txErrors) {
        return nic.statistics(txErrors);
    }

    /// What was pulled out reads as all ones, of which many bits are reserved in this register, or as zeros
    /// on QEMU. A card that the kernel was only told to forget is no longer present, either, and yet goes on.
    @Override
    protected boolean isGone() {
        int status = registers.read32(Reg.STATUS);
        return status == -1 || status == 0 && !device.isPresent();
    }

    @Override
    protected void shutDown(Steps steps) {
        steps.take(nic::shutDown);
    }
}
