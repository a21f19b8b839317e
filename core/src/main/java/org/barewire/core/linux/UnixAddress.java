package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Addresses of local sockets (`sys/un.h`, unix(7)): a path, or with a leading `@` an abstract name, which has no file.
final class UnixAddress {
    static final short AF_UNIX = 1;

    private static final int MAX_NAME = 108;

    private UnixAddress() {}

    static boolean isAbstract(String name) {
        return name.startsWith("@");
    }

    /// The `sockaddr_un`, as long as the name: the length of an abstract address is part of it.
    static MemorySegment encode(SegmentAllocator allocator, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        boolean named = !isAbstract(name);
        if (bytes.length == 0 || bytes.length + (named ? 1 : 0) > MAX_NAME) {
            throw new LinuxException(
                    "use '%s' as the name of a socket".formatted(name),
                    Errno.EINVAL,
                    "1 to %d bytes are possible; use a shorter path".formatted(MAX_NAME - 1));
        }
        byte[] path = Arrays.copyOf(bytes, bytes.length + (named ? 1 : 0)); // a path ends with a zero byte
        if (!named) {
            path[0] = 0;
        }
        MemorySegment address = allocator.allocate(2L + path.length, 8);
        address.set(JAVA_SHORT, 0, AF_UNIX);
        MemorySegment.copy(MemorySegment.ofArray(path), 0, address, 2, path.length);
        return address;
    }
}
