package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The data path is compiled before the receiver is enabled. Without {@link org.barewire.drivers.ixgbe}'s
/// warm-up this loses ten to twenty thousand packets.
@Tag("slow")
@Tag("unchecked") // the JVM that it starts is
class IxgbeFirstSecondTest {
    @Test
    void aYoungJvmLosesNoPacket() throws IOException, InterruptedException {
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=org.barewire.core",
                "-Xmx256m",
                "--module-path",
                System.getProperty("jdk.module.path"),
                "--add-modules",
                "java.management",
                "--patch-module",
                "org.barewire.sim=" + testClasses(),
                "--module",
                "org.barewire.sim/" + FirstSecond.class.getName());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        String[] counted = output.trim().split(" ");
        assertThat(counted).hasSize(3);
        assertThat(Long.parseLong(counted[0])).isGreaterThan(9_900_000);
        assertThat(counted[1]).as("received").isEqualTo(counted[0]);
        assertThat(counted[2]).as("missed").isEqualTo("0");
    }

    private static Path testClasses() {
        URL url = Objects.requireNonNull(FirstSecond.class.getResource("FirstSecond.class"));
        Path file = Path.of(URI.create(url.toString()));
        return file.resolve("../../../..").normalize(); // out of org/barewire/sim
    }
}
