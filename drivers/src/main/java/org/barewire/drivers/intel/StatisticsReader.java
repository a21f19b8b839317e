package org.barewire.drivers.intel;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.Steps;
import org.jspecify.annotations.Nullable;

/// Reads the counters of open devices often enough that none overflows, on one thread for all of them.
public final class StatisticsReader {
    /// 36 bits of bytes are full after 55 s at 10 Gbit/s, 32 bits after 34 s at 1 Gbit/s.
    private static final int SECONDS_BETWEEN_READS = 20;

    private static final Set<NetDevice> DEVICES = ConcurrentHashMap.newKeySet();
    private static @Nullable Thread thread; // guarded by the class

    private StatisticsReader() {}

    /// Has a device's {@link NetDevice#statistics} asked for from now on.
    public static synchronized void add(NetDevice device) {
        DEVICES.add(device);
        if (thread == null) {
            thread = Thread.ofPlatform()
                    .daemon()
                    .name("barewire-intel-statistics")
                    .start(StatisticsReader::run);
        }
    }

    /// Leaves a device alone again.
    public static void remove(NetDevice device) {
        DEVICES.remove(device);
    }

    private static void run() {
        while (true) {
            try {
                Thread.sleep(Duration.ofSeconds(SECONDS_BETWEEN_READS));
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
