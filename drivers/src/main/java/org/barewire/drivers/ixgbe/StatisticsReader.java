package org.barewire.drivers.ixgbe;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.Steps;
import org.jspecify.annotations.Nullable;

/// Reads the counters of open devices often enough that none overflows, on one thread for all of them.
final class StatisticsReader {
    private static final Set<Ixgbe> DEVICES = ConcurrentHashMap.newKeySet();
    private static @Nullable Thread thread; // guarded by the class

    private StatisticsReader() {}

    static synchronized void add(Ixgbe device) {
        DEVICES.add(device);
        if (thread == null) {
            thread = Thread.ofPlatform()
                    .daemon()
                    .name("barewire-ixgbe-statistics")
                    .start(StatisticsReader::run);
        }
    }

    static void remove(Ixgbe device) {
        DEVICES.remove(device);
    }

    private static void run() {
        while (true) {
            try {
                Thread.sleep(Duration.ofSeconds(IxgbeStatistics.SECONDS_BETWEEN_READS));
            } catch (InterruptedException e) {
                return;
            }
            read(DEVICES);
        }
    }

    /// Reads them all. One that fails says so to those who use it; here it must not keep others from being
    /// read.
    static void read(Iterable<? extends NetDevice> devices) {
        Steps steps = new Steps();
        devices.forEach(device -> steps.take(device::statistics));
    }
}
