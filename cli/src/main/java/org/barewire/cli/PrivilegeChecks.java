package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.SystemFiles;

/// What the process may do beyond what everybody may. Simulated cards need none of it.
final class PrivilegeChecks {
    /// Numbers from the kernel's `include/uapi/linux/capability.h`.
    private enum Capability {
        CAP_NET_ADMIN(12),
        CAP_IPC_LOCK(14),
        CAP_SYS_ADMIN(21);

        private final int bit;

        Capability(int bit) {
            this.bit = bit;
        }

        boolean isIn(long set) {
            return (set >>> bit & 1) != 0;
        }
    }

    private static final long ENOUGH_BYTES = 1L << 30;

    private final SystemFiles files;
    private final long capabilities;

    PrivilegeChecks(SystemFiles files) {
        this.files = files;
        capabilities = effectiveCapabilities();
    }

    List<Check> run() {
        return List.of(capabilities(), lockedMemory());
    }

    private Check capabilities() {
        List<String> there = new ArrayList<>();
        List<String> lacking = new ArrayList<>();
        for (Capability capability : Capability.values()) {
            (capability.isIn(capabilities) ? there : lacking).add(capability.name());
        }
        return lacking.isEmpty()
                ? Check.ok("capabilities", String.join(", ", there))
                : Check.couldBeBetter(
                        "capabilities",
                        "no %s: only simulated cards need none of them".formatted(String.join(", ", lacking)),
                        "start as root: sudo ./barewire ...");
    }

    private Check lockedMemory() {
        if (Capability.CAP_IPC_LOCK.isIn(capabilities)) {
            return Check.ok("locked memory", "any amount, by CAP_IPC_LOCK");
        }
        long limit = memlock();
        if (limit == Long.MAX_VALUE) {
            return Check.ok("locked memory", "any amount");
        }
        String finding = "%d KiB may be locked".formatted(limit >> 10);
        return limit >= ENOUGH_BYTES
                ? Check.ok("locked memory", finding)
                : Check.couldBeBetter(
                        "locked memory",
                        finding + "; what a PCI card reads and writes has to be",
                        "sudo prlimit --memlock=unlimited --pid $$");
    }

    private long effectiveCapabilities() {
        for (String line : files.lines("proc/self/status")) {
            if (line.startsWith("CapEff:")) {
                try {
                    return Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16);
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 0;
    }

    /// The soft limit: 0 if the kernel doesn't tell, Long.MAX_VALUE if there is none.
    private long memlock() {
        String start = "Max locked memory";
        for (String line : files.lines("proc/self/limits")) {
            if (line.startsWith(start)) {
                String soft = line.substring(start.length()).strip().split("\\s+", -1)[0];
                return soft.equals("unlimited") ? Long.MAX_VALUE : number(soft);
            }
        }
        return 0;
    }

    private static long number(String text) {
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
