package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class NoGarbageTest {
    private static final int PACKETS = 200_000;
    private static final int WARM_UP = 200_000;
    private static final int BURST = 32;

    /// Frames go round: sent, looped back by the model, received; on one thread, whose allocations are
    /// counted.
    @Test
    void movingPacketsAllocatesNothing() throws Throwable {
        MethodHandle allocated = allocatedBytes();
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.HLREG0, Reg.HLREG0_LPBK);
            byte[] frame = Frames.udp4(60);
            for (int slot = 0; slot < Bench.RING; slot++) {
                Memory.copy(frame, 0, bench.txBuffer(slot), frame.length);
            }
            move(bench, WARM_UP, frame.length);
            bench.registers.read32(Reg.GPRC);
            long first = (long) allocated.invokeExact();
            long before = (long) allocated.invokeExact();
            long overhead = before - first;
            move(bench, PACKETS, frame.length);
            long after = (long) allocated.invokeExact();
            if (!Memory.CHECKED) { // looking an address up in the list of mappings allocates
                assertThat(after - before - overhead).isZero();
            }
            assertThat(bench.registers.read32(Reg.GPRC)).isEqualTo(PACKETS);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    private static void move(Bench bench, int packets, int length) {
        long upper = ((long) length << 14) << 32 | (Bench.SEND | length) & 0xFFFF_FFFFL;
        for (int moved = 0; moved < packets; moved += BURST) {
            for (int i = 0; i < BURST; i++) {
                bench.txDescriptor(PacketMemory.ioAddress(bench.txBuffer(bench.txTail)), upper);
            }
            bench.ringTx();
            bench.nic.step(bench.now += 1000);
            bench.fillRxRing(BURST);
        }
    }

    /// com.sun.management.ThreadMXBean.getCurrentThreadAllocatedBytes, of a module that this one does not
    /// read.
    private static MethodHandle allocatedBytes() throws ReflectiveOperationException {
        Class<?> beanClass = Class.forName("com.sun.management.ThreadMXBean");
        Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        return MethodHandles.publicLookup()
                .findVirtual(beanClass, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
                .bindTo(bean);
    }
}
