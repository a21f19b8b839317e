package org.barewire.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barewire.core.linux.SystemFiles;

/// The Unix sockets that somebody listens on, as `/proc/net/unix` tells of the process's network namespace.
final class UnixListeners {
    /// One of them.
    ///
    /// @param path      where it is; of an abstract one the name behind an `@`
    /// @param sequenced whether it carries messages in sequence (SOCK_SEQPACKET), as memif's does
    /// @param process   name and number of who has it, as far as that may be seen; or empty
    record Listener(String path, boolean sequenced, String process) {}

    private static final int FLAGS = 3;
    private static final int TYPE = 4;
    private static final int INODE = 6;
    private static final int PATH = 7;
    private static final int LISTENS = 0x10000; // __SO_ACCEPTCON
    private static final int SEQUENCED = 5;

    private final SystemFiles files;

    UnixListeners(SystemFiles files) {
        this.files = files;
    }

    List<Listener> all() {
        List<Listener> found = new ArrayList<>();
        Map<String, String> owners = new HashMap<>();
        for (String line : files.lines("proc/net/unix")) {
            String[] fields = line.strip().split(" +", PATH + 1);
            if (fields.length > PATH && isListening(fields[FLAGS])) {
                if (owners.isEmpty()) {
                    owners.putAll(owners());
                }
                String owner = owners.getOrDefault("socket:[" + fields[INODE] + "]", "");
                found.add(new Listener(fields[PATH], fields[TYPE].equals("000" + SEQUENCED), owner));
            }
        }
        return found;
    }

    Optional<Listener> at(String path) {
        return all().stream().filter(listener -> listener.path().equals(path)).findFirst();
    }

    private static boolean isListening(String flags) {
        return flags.matches("[0-9A-F]{8}") && (Long.parseLong(flags, 16) & LISTENS) != 0;
    }

    /// Who has a socket, by what a link of a descriptor says. Others' descriptors are only seen by root.
    private Map<String, String> owners() {
        Map<String, String> owners = new HashMap<>();
        for (String process : files.folders("proc")) {
            if (process.matches("\\d+")) {
                String descriptors = "proc/%s/fd".formatted(process);
                for (String descriptor : files.names(descriptors)) {
                    String target = files.linkName(descriptors + "/" + descriptor);
                    if (target.startsWith("socket:")) {
                        owners.put(target, "%s (%s)".formatted(files.line("proc/%s/comm".formatted(process)), process));
                    }
                }
            }
        }
        return owners;
    }
}
