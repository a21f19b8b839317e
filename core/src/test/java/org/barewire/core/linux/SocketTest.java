package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SocketTest {
    private static final int SO_TYPE = 3;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_LINGER = 13;
    private static final int O_CLOEXEC = 0x80000;

    @Test
    void aSocketIsOfTheKindThatWasAskedFor() {
        int fd = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0);
        try {
            assertThat(Socket.option(fd, Socket.SOL_SOCKET, SO_TYPE)).isEqualTo(Socket.SOCK_DGRAM);
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void aSocketIsNotInheritedByPrograms() throws Exception {
        int fd = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0);
        try {
            String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Integer.parseInt(flags.substring(6).strip(), 8) & O_CLOEXEC)
                    .isNotZero();
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void anOptionHasTheValueThatWasSet() {
        int fd = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Socket.option(fd, Socket.SOL_SOCKET, SO_REUSEADDR)).isZero();
            Socket.setOption(fd, Socket.SOL_SOCKET, SO_REUSEADDR, 1);
            assertThat(Socket.option(fd, Socket.SOL_SOCKET, SO_REUSEADDR)).isEqualTo(1);

            MemorySegment linger = arena.allocateFrom(ValueLayout.JAVA_INT, 1, 7); // struct linger: on, seconds
            Socket.setOption(fd, Socket.SOL_SOCKET, SO_LINGER, linger);
            MemorySegment read = arena.allocate(8, 4);
            assertThat(Socket.option(fd, Socket.SOL_SOCKET, SO_LINGER, read)).isEqualTo(8);
            assertThat(read.getAtIndex(ValueLayout.JAVA_INT, 1)).isEqualTo(7);
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void aFailureSaysWhatWasTried() {
        assertThatThrownBy(() -> Socket.open(9999, Socket.SOCK_RAW, 0))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("open a socket of family 9999");
        assertThatThrownBy(() -> Socket.setOption(-1, Socket.SOL_SOCKET, SO_REUSEADDR, 1))
                .hasMessageContaining("set option 2 of level 1")
                .hasMessageContaining("EBADF");
        assertThatThrownBy(() -> Socket.option(-1, Socket.SOL_SOCKET, SO_REUSEADDR))
                .hasMessageContaining("get option 2 of level 1");
    }

    @Test
    void anAddressOfAnotherFamilyIsRefused() {
        int fd = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(16, 8);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Socket.AF_PACKET);
            assertThatThrownBy(() -> Socket.bind(fd, address)).hasMessageContaining("bind socket " + fd);
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void aKickThatFailsReturnsTheErrorNumber() {
        assertThat(Socket.kick(-1)).isEqualTo(Errno.EBADF);
    }
}
