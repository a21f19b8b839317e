package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.barewire.core.memory.Memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdTest {
    @TempDir
    private Path folder;

    @Test
    void aCreatedFileGrowsByWhatIsAppended() throws IOException {
        Path file = folder.resolve("new");
        long address =
                Mman.map(0, 4096, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, -1, 0);
        Memory.putLong(address, 0x0807_0605_0403_0201L);
        int fd = Fd.create(file.toString(), 0600);
        try {
            assertThat(Fd.append(fd, address, 8)).isEqualTo(8);
            assertThat(Fd.append(fd, address, 2)).isEqualTo(2);
            assertThat(Fd.size(fd)).isEqualTo(10);
        } finally {
            Fd.close(fd);
            Mman.unmap(address, 4096);
        }
        assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 1, 2);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void creatingLeavesAFileThatIsThereAsItIs() throws IOException {
        Path file = Files.writeString(folder.resolve("old"), "content");
        Fd.close(Fd.create(file.toString(), 0600));
        assertThat(file).hasContent("content");
    }

    @Test
    void aLockIsForOneWriterOrManyReaders() {
        String file = folder.resolve("locked").toString();
        int one = Fd.create(file, 0600);
        int other = Fd.open(file, Fd.O_RDONLY);
        try {
            assertThat(Fd.lock(one, true)).isTrue();
            assertThat(Fd.lock(other, false)).isFalse();
            assertThat(Fd.lock(one, false)).isTrue();
            assertThat(Fd.lock(other, false)).isTrue();
            assertThat(Fd.lock(one, true)).isFalse();
        } finally {
            Fd.close(one);
        }
        assertThat(Fd.lock(other, true)).as("closing gives the lock back").isTrue();
        Fd.close(other);
    }

    @Test
    void aFileInAFolderThatIsNotThereCannotBeCreated() {
        String path = folder.resolve("none/new").toString();
        assertThatThrownBy(() -> Fd.create(path, 0600))
                .isInstanceOf(LinuxException.class)
                .hasMessage("create %s: no such file or directory (ENOENT)", path);
    }
}
