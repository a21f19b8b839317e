package org.barewire.core.linux;

import java.util.Locale;

/// A right that root has and others can be given (`capabilities(7)`), for messages that say how.
public enum Capability {
    /// Opening packet sockets.
    NET_RAW,
    /// Making and configuring network interfaces.
    NET_ADMIN,
    /// Entering a network namespace.
    SYS_ADMIN,
    /// Loading BPF programs.
    BPF;

    /// A sentence that says that this is missing and how to grant it.
    public String cure() {
        String name = name().toLowerCase(Locale.ROOT);
        return ("CAP_%s is missing: run as root, or grant it with 'setpriv --inh-caps=+%s --ambient-caps=+%s COMMAND',"
                        + " AmbientCapabilities= in a systemd unit or --cap-add= of a container")
                .formatted(name(), name, name);
    }
}
