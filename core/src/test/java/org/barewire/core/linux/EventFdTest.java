package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class EventFdTest {
    @Test
    void aSignalStaysUntilItIsDrained() {
        try (EventFd event = EventFd.create()) {
            assertThat(event.drain()).isFalse();
            assertThat(event.signal()).isTrue();
            assertThat(event.signal()).isTrue();
            assertThat(event.drain()).isTrue();
            assertThat(event.drain()).isFalse();
        }
    }

    @Test
    void aSharedCounterIsDrainedWithoutWaitingThoughItBlocks() throws Throwable {
        try (EventFd event = EventFd.create()) {
            MethodHandle fcntl = Native.function(
                    "fcntl",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
            int blocking = 0;
            assertThat((int) fcntl.invokeExact(Native.state(), event.fd(), 4 /* F_SETFL */, blocking))
                    .isZero();
            assertThat(event.drainShared()).isFalse();
            event.signal();
            event.signal();
            assertThat(event.drainShared()).isTrue();
            assertThat(event.drainShared()).isFalse();
        }
    }

    @Test
    @Tag("slow") // interpreted calls allocate
    void neitherSignallingNorDrainingAllocates() throws ReflectiveOperationException {
        try (EventFd event = EventFd.create()) {
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < 20 && allocated >= 10_000; round++) { // until it has been compiled
                long before = allocatedBytes();
                for (int i = 0; i < 100_000; i++) {
                    event.signal();
                    event.drain();
                    event.drainShared();
                }
                allocated = allocatedBytes() - before;
            }
            assertThat(allocated).isLessThan(10_000); // the measurement itself: far less than a byte a call
        }
    }

    @Test
    void whatIsNoEventCounterIsRefusedAndClosed() {
        int file = Fd.open("/dev/null", Fd.O_RDWR);
        assertThatThrownBy(() -> EventFd.adopt(file)).isInstanceOf(LinuxException.class);
        assertThat(Files.exists(Path.of("/proc/self/fd/" + file))).isFalse();
    }

    /// By name, because the module under test has no use for the beans' one.
    private static long allocatedBytes() throws ReflectiveOperationException {
        Object threads = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (long) bytes.invoke(threads);
    }
}
