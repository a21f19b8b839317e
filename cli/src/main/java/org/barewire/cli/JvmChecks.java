package org.barewire.cli;

import java.util.List;

/// Whether the JVM is one that Barewire runs on, and runs well on.
final class JvmChecks {
    private static final String SUPPORTED_SYSTEM = "Linux amd64";

    private final JvmState jvm;

    JvmChecks(JvmState jvm) {
        this.jvm = jvm;
    }

    List<Check> run() {
        return List.of(system(), version(), nativeAccess(), collector(), heap());
    }

    private Check system() {
        return jvm.system().equals(SUPPORTED_SYSTEM)
                ? Check.ok("system", jvm.system())
                : Check.missing("system", jvm.system(), "Barewire runs on 64-bit x86 Linux only");
    }

    private Check version() {
        String finding = "%s, %s".formatted(jvm.version(), jvm.mode());
        return jvm.mode().contains("interpreted")
                ? Check.couldBeBetter("JDK", finding, "start without -Xint")
                : Check.ok("JDK", finding);
    }

    /// Since JDK 24 (JEP 472) native access that isn't enabled leads to a warning, or to an exception where
    /// it is denied.
    private Check nativeAccess() {
        if (jvm.nativeAccess()) {
            return Check.ok("native access", "enabled for " + jvm.module());
        }
        String cure = "start with --enable-native-access=" + jvm.module();
        return jvm.flags().contains("--illegal-native-access=deny")
                ? Check.missing("native access", "denied to " + jvm.module(), cure)
                : Check.couldBeBetter("native access", "not enabled for %s: it warns".formatted(jvm.module()), cure);
    }

    private Check collector() {
        String finding = String.join(", ", jvm.collectors());
        boolean concurrent = finding.contains("G1") || finding.contains("Shenandoah");
        return concurrent
                ? Check.couldBeBetter(
                        "collector",
                        finding + ": its threads take time that the data path, which makes no garbage, could use",
                        "start with -XX:+UseSerialGC")
                : Check.ok("collector", finding);
    }

    /// The serial collector counts one of its survivor spaces out of the maximum, so a fixed heap's maximum
    /// is less than its first size.
    private Check heap() {
        String finding = "%d MiB at first, %d MiB at most".formatted(jvm.firstHeap() >> 20, jvm.maxHeap() >> 20);
        return jvm.firstHeap() >= jvm.maxHeap()
                ? Check.ok("heap", "%d MiB, of fixed size".formatted(jvm.firstHeap() >> 20))
                : Check.couldBeBetter("heap", finding + ": growing takes time", "start with -Xms256m -Xmx256m");
    }
}
