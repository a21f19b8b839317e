package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.memory.PacketMemory;

/// Whether there is memory for packets, and whether it is of the good kind.
final class MemoryChecks {
    private static final String HUGE_PAGES = "hugepages/hugepages-2048kB/";
    private static final String POOL = "sys/kernel/mm/" + HUGE_PAGES;
    private static final String NODES = "sys/devices/system/node/";

    /// 256 MiB: four cards with pools of 16,384 buffers each.
    private static final long ENOUGH = 128;

    private final SystemFiles files;
    private final Supplier<String> trial;

    /// @param trial maps packet memory, and says why if that fails
    MemoryChecks(SystemFiles files, Supplier<String> trial) {
        this.files = files;
        this.trial = trial;
    }

    List<Check> run() {
        List<Check> checks = new ArrayList<>(List.of(packetMemory(), hugePages()));
        List<String> nodes = files.folders(NODES).stream()
                .filter(name -> name.matches("node\\d+"))
                .toList();
        if (nodes.size() > 1) {
            nodes.forEach(node -> checks.add(hugePages(node)));
        }
        return checks;
    }

    private Check packetMemory() {
        String failure = trial.get();
        return failure.isEmpty()
                ? Check.ok("packet memory", "can be mapped")
                : Check.missing("packet memory", failure, "see the checks of native access and of the system");
    }

    private Check hugePages() {
        if (!files.exists(POOL)) {
            return Check.couldBeBetter(
                    "huge pages",
                    "no pages of 2 MiB: packets lie on pages of 4 KiB, which costs TLB misses",
                    "use a kernel with CONFIG_HUGETLBFS");
        }
        return hugePages("huge pages", POOL);
    }

    private Check hugePages(String node) {
        return hugePages("huge pages, " + node, NODES + node + "/" + HUGE_PAGES);
    }

    private Check hugePages(String topic, String pool) {
        long total = Math.max(0, files.number(pool + "nr_hugepages", 0));
        long free = Math.max(0, files.number(pool + "free_hugepages", 0));
        String finding = "%d of %d pages of 2 MiB are free".formatted(free, total);
        return free >= ENOUGH
                ? Check.ok(topic, finding)
                : Check.couldBeBetter(
                        topic,
                        finding,
                        "echo %d | sudo tee /%snr_hugepages".formatted(total - Math.min(free, total) + ENOUGH, pool));
    }

    /// Maps a little packet memory and unmaps it again; returns what went wrong, or an empty string.
    static String tryPacketMemory() {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            memory.add(PacketMemory.GRAIN);
            return "";
        } catch (LinuxException e) {
            return String.valueOf(e.getMessage());
        } catch (LinkageError e) { // where native access is denied, the system calls' classes don't initialize
            return "system calls can't be linked: " + (e.getCause() == null ? e : e.getCause());
        }
    }
}
