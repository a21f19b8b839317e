package org.barewire.cli;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryManagerMXBean;
import java.lang.management.MemoryUsage;
import java.util.List;
import org.barewire.core.memory.Memory;

/// What `barewire doctor` asks the JVM that it runs in.
///
/// @param version      as in `25.0.3+9`
/// @param mode         the JVM's own words for it, as in `mixed mode, sharing`
/// @param system       operating system and architecture, as in `Linux amd64`
/// @param flags        that it was started with
/// @param module       what has to be named in `--enable-native-access`
/// @param nativeAccess whether it was
/// @param collectors   the garbage collector's parts
/// @param firstHeap    bytes of heap at start
/// @param maxHeap      bytes of heap at most
record JvmState(
        String version,
        String mode,
        String system,
        List<String> flags,
        String module,
        boolean nativeAccess,
        List<String> collectors,
        long firstHeap,
        long maxHeap) {
    static JvmState ofThisOne() {
        Module core = Memory.class.getModule();
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new JvmState(
                Runtime.version().toString(),
                System.getProperty("java.vm.info", ""),
                System.getProperty("os.name", "") + " " + System.getProperty("os.arch", ""),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                core.isNamed() ? core.getName() : "ALL-UNNAMED",
                core.isNativeAccessEnabled(),
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(MemoryManagerMXBean::getName)
                        .toList(),
                heap.getInit(),
                heap.getMax());
    }
}
