package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.fail;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;

/// Says how much a thread allocates, for the allocation tests of all ports; these run with unchecked
/// memory, which alone allocates nothing. The beans are looked up by name, because the module under test
/// has no use for theirs.
public final class Allocation {
    private static final int ATTEMPTS = 3;
    private static final MethodHandle BYTES = bytes();

    private Allocation() {}

    /// Fails unless `work`, which should be compiled by then, comes to allocate nothing at all on this
    /// thread when it is done a few times over.
    ///
    /// The thread at which a method turns out to be worth compiling looks up the classes of its signature by
    /// name, and so allocates a string (`Method::load_signature_classes` in HotSpot): that ends.
    public static void assertNone(Runnable work) {
        long[] bytes = new long[ATTEMPTS];
        long overhead = measure(() -> {});
        for (int i = 0; i < ATTEMPTS; i++) {
            bytes[i] = measure(work) - overhead;
            if (bytes[i] == 0) {
                return;
            }
        }
        fail("allocated each time, in bytes: " + Arrays.toString(bytes));
    }

    /// Moves ten million packets after two that warm up, and fails as {@link #assertNone} does.
    ///
    /// @param million moves a million packets
    public static void assertNoneInTenMillion(Runnable million) {
        million.run();
        million.run();
        assertNone(() -> {
            for (int i = 0; i < 10; i++) {
                million.run();
            }
        });
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
