package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.MemoryNic;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Probe;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.ProbeWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
    private static final int BATCH = 32;

    private static void run(Generator generator, MemoryNic nic, long packets) {
        for (long sent = 0; sent < packets; ) {
            sent += generator.poll();
            nic.send();
        }
    }

    @Test
    void noFrameReachesIntoTheNextOnesSlot() {
        int length = 1920;
        FrameWriter writer = new FrameWriter.Probes(new ProbeWriter(ProbeHeaders.standard(), 1));
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 64, PktgenCommand.slotSize(length))) {
            long[] packets = new long[64];
            assertThat(pool.allocate(packets, 0, 64)).isEqualTo(64);
            for (int i = 0; i < packets.length; i++) {
                packets[i] = Packet.resize(packets[i], length);
                writer.write(packets[i], i, 0);
            }
            for (long packet : packets) {
                assertThat(Probe.check(Packet.address(packet), length)).isEqualTo(Probe.Verdict.GOOD);
            }
            PacketPool.release(packets, 0, packets.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 1514, 1728, 1729, 1924, 3776, 3777, 8000, 9724})
    void everySlotHasRoomForTheWholeFrame(int length) {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 4, PktgenCommand.slotSize(length))) {
            assertThat(pool.capacity()).isGreaterThanOrEqualTo(length);
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
