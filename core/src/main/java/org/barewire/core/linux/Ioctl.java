package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Device control (`sys/ioctl.h`). Any thread may call; every failure throws {@link LinuxException}.
public final class Ioctl {
    private static final MethodHandle WITH_POINTER = Native.function(
            "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle WITH_VALUE = Native.function(
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(2));

    private Ioctl() {}

    /// Makes a request whose argument is a structure, and returns its result.
    ///
    /// @param whatWasTried for the message of the exception: a verb and its object
    public static int call(int fd, long request, MemorySegment argument, String whatWasTried) {
        int result;
        try {
            result = (int) WITH_POINTER.invokeExact(Native.state(), fd, request, argument);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return checked(result, whatWasTried);
    }

    /// Makes a request whose argument is a number, and returns its result.
    ///
    /// @param whatWasTried for the message of the exception: a verb and its object
    public static int call(int fd, long request, long argument, String whatWasTried) {
        int result;
        try {
            result = (int) WITH_VALUE.invokeExact(Native.state(), fd, request, argument);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return checked(result, whatWasTried);
    }

    private static int checked(int result, String whatWasTried) {
        if (result < 0) {
            throw Native.errno() == Errno.EPERM
                    ? new LinuxException(whatWasTried, Errno.EPERM, Capability.NET_ADMIN.cure())
                    : Native.failure(whatWasTried);
        }
        return result;
    }
}
