package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FileStatusTest {
    @Test
    void aMemoryFileIsRegularAndHasItsLength() {
        int fd = Mman.memfd("barewire-test", 0);
        try {
            Fd.truncate(fd, 12345);
            assertThat(FileStatus.of(fd)).isEqualTo(new FileStatus(true, 12345, 4096));
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void aDeviceIsNotRegular() {
        int fd = Fd.open("/dev/null", Fd.O_RDONLY);
        try {
            assertThat(FileStatus.of(fd).regular()).isFalse();
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void aDescriptorThatIsNotOpenIsAnError() {
        assertThatThrownBy(() -> FileStatus.of(-1))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("EBADF");
    }
}
