package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.memory.PacketMemory;

/// Says what a process holds on to, to compare before and after.
///
/// @param descriptors open files
/// @param regions     of packet memory
/// @param mappings    of memory that is shared, ours and the peers', and of sockets
public record Leaks(long descriptors, int regions, long mappings) {
    private static final long PATIENCE = 5_000_000_000L; // nanoseconds

    public static Leaks now(PacketMemory memory) {
        try (var files = Files.list(Path.of("/proc/self/fd"));
                var maps = Files.lines(Path.of("/proc/self/maps"))) {
            long mappings = maps.filter(
                            line -> line.contains("barewire") || line.contains("memfd:") || line.contains("socket:"))
                    .count();
            return new Leaks(files.count(), memory.regions().size(), mappings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Fails if there is more now than there was; as for descriptors, if it stays so: the JVM closes the pipes
    /// of a process that has ended on a thread of its own.
    public void assertNoMore(PacketMemory memory) {
        Leaks now = now(memory);
        assertThat(now.regions).as("regions").isLessThanOrEqualTo(regions);
        assertThat(now.mappings).as("mappings").isLessThanOrEqualTo(mappings);
        long start = System.nanoTime();
        while (now.descriptors > descriptors && System.nanoTime() - start < PATIENCE) {
            LockSupport.parkNanos(1_000_000);
            now = now(memory);
        }
        assertThat(now.descriptors).as("descriptors").isLessThanOrEqualTo(descriptors);
    }
}
