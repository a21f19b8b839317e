package org.barewire.core.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// A right that root has and others can be given (`capabilities(7)`), for messages that say how.
public enum Capability {
    /// Opening packet sockets.
    NET_RAW(13),
    /// Making and configuring network interfaces.
    NET_ADMIN(12),
    /// Locking any amount of memory.
    IPC_LOCK(14),
    /// Entering a network namespace.
    SYS_ADMIN(21),
    /// Loading BPF programs.
    BPF(39);

    private final int bit; // include/uapi/linux/capability.h

    Capability(int bit) {
        this.bit = bit;
    }

    /// Whether this process has it now, as far as `/proc` tells.
    public boolean isHeld() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    long effective = Long.parseUnsignedLong(line.substring(7).strip(), 16);
                    return (effective >>> bit & 1) != 0;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return true; // not to be known: the kernel will say
        }
        return true;
    }

    /// A sentence that says that this is missing and how to grant it.
    public String cure() {
        String name = name().toLowerCase(Locale.ROOT);
        return ("CAP_%s is missing: run as root, or grant it with 'setpriv --inh-caps=+%s --ambient-caps=+%s COMMAND',"
                        + " AmbientCapabilities= in a systemd unit or --cap-add= of a container")
                .formatted(name(), name, name);
    }
}
