package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// What an open file is (`sys/stat.h`), to be asked before a file of somebody else's is mapped.
///
/// @param regular   true for a file with content of its own, be it on disk, in memory or of huge pages
/// @param length    bytes in it
/// @param blockSize its grain: the page size of a file of huge pages
public record FileStatus(boolean regular, long length, long blockSize) {
    private static final MethodHandle FSTAT =
            Native.function("fstat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

    private static final int BYTES = 144; // struct stat of x86-64
    private static final int MODE = 24;
    private static final int SIZE = 48;
    private static final int BLOCK_SIZE = 56;
    private static final int FORMAT = 0xF000;
    private static final int REGULAR = 0x8000;

    /// The status of an open file descriptor.
    ///
    /// @throws LinuxException if the descriptor is not open
    public static FileStatus of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(BYTES, 8);
            if ((int) FSTAT.invokeExact(Native.state(), fd, status) != 0) {
                throw Native.failure("look at file descriptor " + fd);
            }
            return new FileStatus(
                    (status.get(JAVA_INT, MODE) & FORMAT) == REGULAR,
                    status.get(JAVA_LONG, SIZE),
                    status.get(JAVA_LONG, BLOCK_SIZE));
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
