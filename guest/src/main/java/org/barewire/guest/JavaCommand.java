package org.barewire.guest;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.barewire.cli.Main;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.Undo;
import org.barewire.sim.Nic82599;
import picocli.CommandLine;

/// The command that runs Java in a guest or here, with this JVM's JDK and the classes that this JVM has.
final class JavaCommand {
    private static final String JDK = System.getProperty("java.home");
    private static final List<Class<?>> MODULES = // one class of each
            List.of(NetDevice.class, Undo.class, Nic82599.class, CommandLine.class, Histogram.class);
    private static final List<String> COMMAND = List.of("--module", "org.barewire.cli/" + Main.class.getName());
    private static final List<String> HIDDEN = List.of("/run/", "/tmp/", "/var/tmp/");

    private JavaCommand() {}

    /// Runs a main method with the project's modules in a guest.
    static String of(Class<?> main, String... arguments) {
        return of(JavaCommand::path, MODULES, main, arguments);
    }

    /// Runs a main method with the project's modules on this machine.
    static String here(Class<?> main, String... arguments) {
        return of(Path::toString, MODULES, main, arguments);
    }

    /// Runs the `barewire` command on this machine.
    static List<String> barewireHere(String... arguments) {
        Stream<String> options = Stream.of(
                JDK + "/bin/java",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=org.barewire.core",
                "--module-path",
                withCommand().stream().map(type -> location(type).toString()).collect(Collectors.joining(":")));
        return Stream.of(options, COMMAND.stream(), Stream.of(arguments))
                .flatMap(words -> words)
                .toList();
    }

    /// Runs the `barewire` command in a guest.
    static String barewire(String... arguments) {
        return java(JavaCommand::path, withCommand(), COMMAND, arguments);
    }

    private static List<Class<?>> withCommand() {
        return Stream.<Class<?>>concat(MODULES.stream(), Stream.of(Main.class)).toList();
    }

    /// Runs a main method that needs no more than drivers and models, as a user who may do nothing. The other
    /// modules may be where only root can read.
    static String asNobody(Class<?> main, String... arguments) {
        return "setpriv --reuid=65534 --clear-groups env "
                + of(JavaCommand::path, List.of(NetDevice.class, Undo.class, Nic82599.class), main, arguments);
    }

    private static String of(
            Function<Path, String> paths, List<Class<?>> oneOfEachModule, Class<?> main, String... arguments) {
        List<String> what = List.of(
                "--add-modules",
                "org.barewire.drivers,org.barewire.sim",
                "--class-path",
                paths.apply(location(main)),
                main.getName());
        return java(paths, oneOfEachModule, what, arguments);
    }

    private static String java(
            Function<Path, String> paths, List<Class<?>> oneOfEachModule, List<String> what, String... arguments) {
        String modules = oneOfEachModule.stream()
                .map(type -> paths.apply(location(type)))
                .collect(Collectors.joining(":"));
        Stream<String> options = Stream.of(
                "LD_LIBRARY_PATH=" + JDK + "/lib",
                JDK + "/bin/java",
                "-XX:TieredStopAtLevel=1", // compiling well takes longer here than running
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-XX:-UsePerfData",
                "--enable-native-access=org.barewire.core",
                "--sun-misc-unsafe-memory-access=allow",
                "--module-path",
                modules);
        return Stream.of(options, what.stream(), Stream.of(arguments).map(JavaCommand::quoted))
                .flatMap(words -> words)
                .collect(Collectors.joining(" "));
    }

    /// Where a file of the host's is found in a guest.
    static String path(Path file) {
        String path = file.toAbsolutePath().toString();
        return HIDDEN.stream().anyMatch(path::startsWith) ? "/run/host" + path : path;
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String quoted(String argument) {
        return "'" + argument.replace("'", "'\\''") + "'";
    }
}
