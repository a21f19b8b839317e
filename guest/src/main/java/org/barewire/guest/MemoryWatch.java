package org.barewire.guest;

import java.util.Arrays;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// Takes huge pages, and looks whether somebody else writes to them.
final class MemoryWatch {
    private static final int PAGE = (int) PacketMemory.GRAIN;
    private static final byte PATTERN = 0x5A;
    private static final long WATCH_MILLIS = 500;

    private MemoryWatch() {}

    /// How many of so many pages change in half a second. They are given back.
    static long changes(int pages) {
        byte[] expected = new byte[PAGE];
        Arrays.fill(expected, PATTERN);
        byte[] found = new byte[PAGE];
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE, Numa.NO_NODE)) {
            Region region = memory.add((long) pages * PAGE);
            Memory.fill(region.address(), region.length(), PATTERN);
            Thread.sleep(WATCH_MILLIS);
            long changed = 0;
            for (int page = 0; page < pages; page++) {
                Memory.copy(region.address() + (long) page * PAGE, found, 0, PAGE);
                changed += Arrays.equals(found, expected) ? 0 : 1;
            }
            return changed;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
