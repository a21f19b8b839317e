package org.barewire.guest;

import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// Takes huge pages, and looks whether somebody else writes to them.
final class MemoryWatch {
    private static final long PATTERN = 0x5AA5_0FF0_3CC3_9669L;
    private static final long WATCH_MILLIS = 500;
    private static final int LINE = 64; // bytes; a packet is not written to less

    private MemoryWatch() {}

    /// How many cache lines of so many pages change in half a second. The pages are given back.
    static long changes(int pages) {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE, Numa.NO_NODE)) {
            Region region = memory.add(pages * PacketMemory.GRAIN);
            for (long at = region.address(); at < region.address() + region.length(); at += LINE) {
                Memory.putLong(at, PATTERN);
            }
            Thread.sleep(WATCH_MILLIS);
            long changed = 0;
            for (long at = region.address(); at < region.address() + region.length(); at += LINE) {
                changed += Memory.getLong(at) == PATTERN ? 0 : 1;
            }
            return changed;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
