package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class LinuxExceptionTest {
    @Test
    void theMessageSaysWhatWasTriedWhatCameOfItAndWhatHelps() {
        assertThat(new LinuxException("open /dev/vfio/vfio", Errno.EACCES))
                .hasMessage("open /dev/vfio/vfio: permission denied (EACCES)");
        assertThat(new LinuxException("open /dev/vfio/vfio", Errno.EACCES, "Run it as root"))
                .hasMessage("open /dev/vfio/vfio: permission denied (EACCES). Run it as root");
        assertThat(new LinuxException("dance", 12345)).hasMessage("dance: errno 12345");
    }

    @Test
    void everyErrorNumberHasItsName() throws IllegalAccessException {
        for (Field field : Errno.class.getFields()) {
            assertThat(Errno.describe(field.getInt(null))).endsWith(" (" + field.getName() + ")");
        }
    }

    @Test
    void aFailedCallSaysWhichOneAndWhy() {
        LinuxException missing =
                catchThrowableOfType(LinuxException.class, () -> Fd.open("/no/such/file", Fd.O_RDONLY));
        assertThat(missing).hasMessage("open /no/such/file: no such file or directory (ENOENT)");
        assertThat(missing.errno()).isEqualTo(Errno.ENOENT);
        assertThatThrownBy(() -> Fd.close(-1)).hasMessage("close file descriptor -1: bad file descriptor (EBADF)");
        assertThatThrownBy(() -> Fd.truncate(-1, 5))
                .hasMessage("set the length of file descriptor -1 to 5 bytes: bad file descriptor (EBADF)");
        assertThatThrownBy(() -> Mman.map(0, 0, Mman.PROT_READ, Mman.MAP_SHARED, -1, 0))
                .hasMessageStartingWith("map 0 bytes at 0x0: ");
        assertThatThrownBy(() -> Mman.unmap(1, 4096)).hasMessage("unmap 4096 bytes at 0x1: invalid argument (EINVAL)");
        assertThatThrownBy(() -> Numa.allocateOn(64, () -> {})).hasMessage("NUMA node 64: 0 to 63 can be bound to");
    }

    @Test
    void allocatingAFileMakesItThatLong() {
        int fd = Mman.memfd("test", 0);
        try (Arena arena = Arena.ofConfined()) {
            Fd.allocate(fd, 8192);
            assertThat(Fd.read(fd, arena.allocate(10), 8190)).isEqualTo(2);
            assertThatThrownBy(() -> Fd.allocate(fd, 0))
                    .hasMessage("allocate 0 bytes for file descriptor %d: invalid argument (EINVAL)", fd);
        } finally {
            Fd.close(fd);
        }
        assertThatThrownBy(() -> Fd.allocate(-1, 1))
                .hasMessage("allocate 1 bytes for file descriptor -1: bad file descriptor (EBADF)");
    }

    @Test
    void aFileIsWrittenAndReadAtOffsets() {
        int fd = Mman.memfd("test", 0);
        try (Arena arena = Arena.ofConfined()) {
            Fd.truncate(fd, 100);
            MemorySegment data = arena.allocate(4).fill((byte) 7);
            assertThat(Fd.write(fd, data, 50)).isEqualTo(4);
            MemorySegment back = arena.allocate(4);
            assertThat(Fd.read(fd, back, 49)).isEqualTo(4);
            assertThat(back.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)).containsExactly(0, 7, 7, 7);
            assertThat(Fd.read(fd, back, 98)).isEqualTo(2);
            assertThat(Fd.read(fd, back, 100)).isZero();
            assertThatThrownBy(() -> Fd.read(fd, back, -1))
                    .hasMessage("read 4 bytes at 0xffffffffffffffff: invalid argument (EINVAL)");
        } finally {
            Fd.close(fd);
        }
    }
}
