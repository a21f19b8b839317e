package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;

/// Where a thread runs (`sched.h`). All of it concerns the calling platform thread.
public final class Sched {
    private static final int MASK_BYTES = 128; // sizeof(cpu_set_t): 1024 CPUs

    private static final MethodHandle SET_AFFINITY =
            Native.function("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle GET_AFFINITY =
            Native.function("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle GET_CPU = Native.function("sched_getcpu", FunctionDescriptor.of(JAVA_INT));

    private Sched() {}

    /// Keeps the calling thread on one CPU from now on.
    public static void pin(int cpu) {
        if (cpu < 0 || cpu >= MASK_BYTES * 8) {
            throw new IllegalArgumentException("there is no CPU %d".formatted(cpu));
        }
        BitSet cpus = new BitSet();
        cpus.set(cpu);
        setAffinity(cpus);
    }

    /// Keeps the calling thread on the given CPUs from now on.
    public static void setAffinity(BitSet cpus) {
        int result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            byte[] bits = cpus.toByteArray();
            MemorySegment.copy(MemorySegment.ofArray(bits), 0, mask, 0, Math.min(bits.length, MASK_BYTES));
            result = (int) SET_AFFINITY.invokeExact(Native.state(), 0, (long) MASK_BYTES, mask);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("pin the thread to CPU " + cpus);
        }
    }

    /// The CPUs that the calling thread may run on.
    public static BitSet affinity() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, 8);
            int result = (int) GET_AFFINITY.invokeExact(Native.state(), 0, (long) MASK_BYTES, mask);
            if (result < 0) {
                throw Native.failure("read the thread's CPU affinity");
            }
            return BitSet.valueOf(mask.asByteBuffer());
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// The CPU that the calling thread runs on at this moment.
    public static int currentCpu() {
        try {
            return (int) GET_CPU.invokeExact(Native.state());
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
