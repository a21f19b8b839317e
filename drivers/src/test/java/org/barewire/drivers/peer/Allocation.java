package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// Says how much a thread allocates, for the allocation tests of all ports; these run with unchecked memory, which
/// alone allocates nothing. The beans are looked up by name, because the module under test has no
/// use for theirs.
public final class Allocation {
    private static final MethodHandle BYTES = bytes();

    private Allocation() {}

    /// Fails unless `work` allocates nothing at all on this thread. It should be compiled by then.
    public static void assertNone(Runnable work) {
        long overhead = measure(() -> {});
        assertThat(measure(work) - overhead).as("bytes allocated").isZero();
    }

    private static long measure(Runnable work) {
        try {
            long before = (long) BYTES.invokeExact();
            work.run();
            return (long) BYTES.invokeExact() - before;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static MethodHandle bytes() {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            Class<?> type = Class.forName("com.sun.management.ThreadMXBean");
            return MethodHandles.publicLookup()
                    .findVirtual(type, "getCurrentThreadAllocatedBytes", MethodType.methodType(long.class))
                    .bindTo(bean);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this JVM does not count allocated bytes", e);
        }
    }
}
