package org.barewire.core.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/// Links C library functions so that errno survives the call, and keeps a thread's captured errno.
final class Native {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

    private Native() {}

    /// A handle whose first argument is {@link #state()}, then the function's own.
    static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        List<Linker.Option> all = new ArrayList<>(List.of(options));
        all.add(Linker.Option.captureCallState("errno"));
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), descriptor, all.toArray(Linker.Option[]::new));
    }

    /// A handle for the data path, whose arguments are the function's own and which leaves errno alone. To keep
    /// errno costs garbage until the caller has been compiled as a whole, and again after each time it is
    /// compiled anew: the JDK makes a slice of the segment that errno is captured in.
    static MethodHandle withoutErrno(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
    }

    /// Where this thread's errno is captured; the same segment at every call.
    static MemorySegment state() {
        return CAPTURED.get();
    }

    static int errno() {
        return (int) ERRNO.get(state(), 0L);
    }

    /// The exception for the call that has just failed on this thread.
    static LinuxException failure(String whatWasTried) {
        return new LinuxException(whatWasTried, errno());
    }

    /// A linked function declares Throwable but throws only what the JVM itself throws.
    static AssertionError unexpected(Throwable t) {
        return new AssertionError("a system call failed inside the JVM", t);
    }
}
