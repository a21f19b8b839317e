package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.MemoryNic;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.ProbeWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private static final int BATCH = 32;

    private static void run(Generator generator, MemoryNic nic, long packets) {
        for (long sent = 0; sent < packets; ) {
            sent += generator.poll();
            nic.send();
        }
    }

    /// By name, because the module under test has no use for the beans' one.
    private static long allocatedBytes() throws ReflectiveOperationException {
        Object threads = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (long) bytes.invoke(threads);
    }

    @Test
    @Tag("unchecked") // looking an address up in the list of mappings allocates
    void sendingAllocatesNothing() throws ReflectiveOperationException {
        FrameWriter writer = new FrameWriter.Probes(new ProbeWriter(ProbeHeaders.standard(), 1));
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024);
                MemoryNic nic = new MemoryNic(512, 1024);
                Generator generator = new Generator(
                        nic.tx(), pool, writer, FrameSizes.IMIX, new Pacer(0, 0, 0, 0), BATCH, Long.MAX_VALUE)) {
            run(generator, nic, 500_000);
            long before = allocatedBytes();
            run(generator, nic, 1_000_000);
            // what is left is the measurement's own: far less than a byte a packet
            assertThat(allocatedBytes() - before).isLessThan(10_000);
            assertThat(generator.packets()).isGreaterThanOrEqualTo(1_500_000);
            generator.finish();
        }
    }
}
