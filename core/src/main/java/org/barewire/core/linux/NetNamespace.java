package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// Network namespaces as `ip netns` names them (`setns(2)`, `network_namespaces(7)`).
///
/// A socket or tun descriptor belongs for good to the namespace that it was opened in, whoever uses it
/// afterwards: so only opening has to happen there.
public final class NetNamespace {
    private static final String DIRECTORY = "/run/netns/";
    private static final int CLONE_NEWNET = 0x40000000;

    private static final MethodHandle SETNS =
            Native.function("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private NetNamespace() {}

    /// Does something in a namespace and returns its result. A thread that is made for this and ends with it
    /// enters the namespace, so that none is ever left in the wrong one.
    ///
    /// @param name as `ip netns add` was given it; empty for the process's own, where the caller's thread does it
    /// @throws LinuxException if there is no such namespace or it can't be entered
    public static <T> T call(String name, Supplier<T> action) {
        if (name.isEmpty()) {
            return action.get();
        }
        try {
            return CompletableFuture.supplyAsync(
                            () -> {
                                enter(name);
                                return action.get();
                            },
                            task -> Thread.ofPlatform().name("netns " + name).start(task))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static void enter(String name) {
        if (name.contains("/") || name.startsWith(".")) {
            throw new LinuxException("enter network namespace " + name, Errno.EINVAL, "A name is needed, not a path");
        }
        int fd;
        try {
            fd = Fd.open(DIRECTORY + name, Fd.O_RDONLY);
        } catch (LinuxException e) {
            throw new LinuxException(
                    "enter network namespace " + name,
                    e.errno(),
                    "'ip netns' lists those that there are; 'ip netns add %s' makes it".formatted(name));
        }
        int result;
        try {
            result = (int) SETNS.invokeExact(Native.state(), fd, CLONE_NEWNET);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        int errno = Native.errno();
        Fd.close(fd);
        if (result != 0) {
            String cure = errno == Errno.EPERM ? Capability.SYS_ADMIN.cure() : "";
            throw new LinuxException("enter network namespace " + name, errno, cure);
        }
    }
}
