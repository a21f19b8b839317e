package org.barewire.guest;

import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// A program in a guest that takes huge pages, and looks whether somebody else writes to them.
public final class MemoryWatch {
    private static final long PATTERN = 0x5AA5_0FF0_3CC3_9669L;
    private static final long WATCH_MILLIS = 1000;
    private static final int LINE = 64; // bytes; a packet is not written to less

    private MemoryWatch() {}

    /// Takes as many pages as the first argument says; prints how many cache lines of them have changed after a second.
    public static void main(String[] arguments) throws InterruptedException {
        PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE, Numa.NO_NODE);
        Region region = memory.add(Long.parseLong(arguments[0]) * PacketMemory.GRAIN);
        for (long at = region.address(); at < region.address() + region.length(); at += LINE) {
            Memory.putLong(at, PATTERN);
        }
        Thread.sleep(WATCH_MILLIS);
        long changed = 0;
        for (long at = region.address(); at < region.address() + region.length(); at += LINE) {
            changed += Memory.getLong(at) == PATTERN ? 0 : 1;
        }
        System.out.println("changed=" + changed);
    }
}
