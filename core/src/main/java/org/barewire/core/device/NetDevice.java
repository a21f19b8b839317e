package org.barewire.core.device;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.linux.Numa;
import org.barewire.core.packet.MacAddress;

/// A network device: receive and send queues, an address, filters, statistics.
///
/// Opening it takes it over: it is reset, its link comes up, packets arrive once a receive queue is asked
/// for. Closing it stops its DMA before memory is freed and gives it back to where it was taken from.
/// Everything here but the queues is control plane: any thread may call, one at a time. A queue belongs to
/// one thread.
public interface NetDevice extends AutoCloseable {
    /// Opens a device by name, as in `0000:03:00.0`, `sim:a` or `sim:a?queues=2&mtu=9000`.
    ///
    /// @throws DeviceException if the name is not understood, or the device cannot be opened; the message
    ///     says why and what helps, and nothing is left half-open
    static NetDevice open(String name) {
        return open(name, DeviceConfig.standard());
    }

    /// Opens a device by name. Options in the name override those of `config`.
    ///
    /// @throws DeviceException as {@link #open(String)}
    static NetDevice open(String name, DeviceConfig config) {
        DeviceName parsed = DeviceName.parse(name);
        return DeviceProviders.find(parsed).open(parsed, config.withOptions(parsed));
    }

    /// The name that it was opened by.
    String name();

    /// Driver and kind of device for people, as in `ixgbe 82599ES`.
    String description();

    /// How many receive queues there are; at least 1 unless the device can only send.
    int rxQueues();

    /// How many send queues there are; at least 1 unless the device can only receive.
    int txQueues();

    /// The receive queue `index`, from 0. The first call starts it: packets arrive from then on.
    ///
    /// @throws DeviceException if it can't be started
    RxQueue rx(int index);

    /// The send queue `index`, from 0. The first call starts it.
    ///
    /// @throws DeviceException if it can't be started
    TxQueue tx(int index);

    /// A relay from this device's receive queue `rxQueue` to `outputs`, packets handled where they lie, if
    /// this device and all outputs can; otherwise one over their plain queues. See {@link Relay}.
    ///
    /// @param txQueue the send queue to use on each output; not used otherwise
    default Relay relay(int rxQueue, List<? extends NetDevice> outputs, int txQueue, PacketHandler handler) {
        return QueueRelay.open(this, rxQueue, outputs, txQueue, handler);
    }

    MacAddress macAddress();

    /// Changes the address that the device receives frames for.
    ///
    /// @throws DeviceException if the address is a multicast one or the device can't
    void setMacAddress(MacAddress address);

    /// Receives all frames, whomever they are for.
    void setPromiscuous(boolean on);

    /// Receives all multicast frames.
    void setAllMulticast(boolean on);

    /// Receives these multicast addresses, instead of those set before. The device may let others pass as
    /// well.
    void setMulticast(Collection<MacAddress> addresses);

    /// The largest network-layer packet, in bytes, without Ethernet header and check sequence.
    int mtu();

    LinkState link();

    /// Waits until the link is up; says whether it is.
    default boolean awaitLink(Duration timeout) {
        long start = System.nanoTime();
        while (!link().up()) {
            if (System.nanoTime() - start > timeout.toNanos()) {
                return link().up();
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return link().up();
            }
        }
        return true;
    }

    /// Waits until the link's state is another than `known`, `timeout` at most; returns what it is then.
    /// Some cards interrupt for that; the others are looked at fifty times a second. For one thread at a
    /// time.
    default LinkState awaitLinkChange(LinkState known, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        LinkState now = link();
        for (long left = end - System.nanoTime();
                now.equals(known) && left > 0 && !Thread.currentThread().isInterrupted();
                left = end - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(left, 20_000_000));
            now = link();
        }
        return now;
    }

    /// Makes the device's LEDs blink, for a person to find it, or puts them back to what they showed.
    ///
    /// @throws DeviceException if it has none that can be told to
    default void blink(boolean on) {
        throw new DeviceException(name() + " has no LED that can blink");
    }

    /// Counted since the device was opened. Reads the device's own registers: not for the data path.
    DeviceStatistics statistics();

    /// The NUMA node that the device is at, or {@link Numa#NO_NODE}.
    default int numaNode() {
        return Numa.NO_NODE;
    }

    /// Stops DMA, takes its packets back, gives the device back. Threads that use its queues have stopped
    /// before. Closing twice does nothing.
    @Override
    void close();
}
