package org.barewire.core.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What `/proc` and `/sys` say, under a root that tests replace. Paths are relative to it, as in
/// `proc/cmdline`.
///
/// Reading never throws because of what is there: a file that is missing, unreadable or full of garbage reads
/// as empty, since it is normal that a kernel or a container lacks some of them. Any thread may call.
public record SystemFiles(Path root) {
    /// More than any file that is read here has.
    private static final int LIMIT = 4 << 20;

    private static final int LINE_LIMIT = 4096;

    /// Those of the machine.
    public static SystemFiles ofMachine() {
        return new SystemFiles(Path.of("/"));
    }

    /// The file's first line, without surrounding space, fit for a terminal.
    public String line(String path) {
        String text = read(path, LINE_LIMIT);
        return text.lines().findFirst().map(SystemFiles::printable).orElse("");
    }

    public List<String> lines(String path) {
        return read(path, LIMIT).lines().toList();
    }

    /// A decimal number, or `otherwise` if there is none.
    public long number(String path, long otherwise) {
        try {
            return Long.parseLong(line(path));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /// A hexadecimal number from 0 to 0xFFFFFFFF such as `0x8086`, or -1 if there is none.
    public long hex(String path) {
        String text = line(path);
        if (!text.matches("0x[0-9a-fA-F]{1,8}")) {
            return -1;
        }
        return Long.parseLong(text, 2, text.length(), 16);
    }

    public boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    /// The names in a folder, sorted.
    public List<String> names(String path) {
        try (Stream<Path> files = Files.list(root.resolve(path))) {
            return files.map(SystemFiles::name).sorted().toList();
        } catch (IOException | InvalidPathException e) {
            return List.of();
        }
    }

    /// The names of the folders in a folder, sorted; links to folders are left out.
    public List<String> folders(String path) {
        return names(path).stream()
                .filter(name -> Files.isDirectory(root.resolve(path).resolve(name), LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /// The last name of what a link points to, which is how sysfs names a driver or a group; empty if there
    /// is none.
    public String linkName(String path) {
        try {
            return printable(name(Files.readSymbolicLink(root.resolve(path))));
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /// Writes a file that is there, in one piece, as sysfs wants it.
    ///
    /// @throws LinuxException if it can't be opened, or the kernel refuses what is written
    public void write(String path, String text) {
        String file = absolute(path);
        int fd;
        try {
            fd = Fd.open(file, Fd.O_WRONLY);
        } catch (LinuxException e) {
            String cure = e.errno() == Errno.EACCES ? "Run it as root" : "";
            throw new LinuxException("write '%s' to %s".formatted(text.strip(), file), e.errno(), cure);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = MemorySegment.ofArray(text.getBytes(UTF_8));
            Fd.write(fd, arena.allocate(bytes.byteSize()).copyFrom(bytes), 0);
        } catch (LinuxException e) {
            throw new LinuxException("write '%s' to %s".formatted(text.strip(), file), e.errno());
        } finally {
            Fd.close(fd);
        }
    }

    /// The path to open a file by.
    public String absolute(String path) {
        return root.resolve(path).toString();
    }

    private String read(String path, int limit) {
        try (InputStream in = Files.newInputStream(root.resolve(path))) {
            return new String(in.readNBytes(limit), UTF_8);
        } catch (IOException | InvalidPathException e) {
            return "";
        }
    }

    private static String name(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?").strip();
    }
}
