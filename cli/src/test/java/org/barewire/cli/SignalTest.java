package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ctrl-C, and SIGTERM, end a command as if its time were over: with its summary, and successfully.
@Tag("slow")
class SignalTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo --json",
                "fwd sim:a?send=10kpps sim:b --json",
                "pktgen sim:a --rate 10kpps --json",
                "dump sim:a?send=10kpps -w FOLDER/a.pcap --json"
            })
    void anInterruptEndsItWithItsSummary(String command) throws IOException, InterruptedException {
        assertThat(interrupted(command, "-INT")).startsWith("{").contains("\"seconds\":");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fwd sim:a?send=10kpps sim:b --json"})
    void soDoesATermination(String command) throws IOException, InterruptedException {
        assertThat(interrupted(command, "-TERM")).startsWith("{").contains("\"seconds\":");
    }

    /// What a command prints that gets a signal when it has said for the first time what it is at.
    private String interrupted(String command, String signal) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT,TERM", // which this process ignores if it was started in the background
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "--enable-native-access=org.barewire.core",
                "--module-path",
                System.getProperty("jdk.module.path"),
                "--module",
                "org.barewire.cli/" + Main.class.getName()));
        line.addAll(Arrays.asList(command.replace("FOLDER", folder.toString()).split(" ", -1)));
        Process process = new ProcessBuilder(line).start();
        process.onExit().orTimeout(60, TimeUnit.SECONDS).exceptionally(timeout -> process.destroyForcibly());
        try (BufferedReader status = process.errorReader(StandardCharsets.UTF_8)) {
            String first = status.readLine();
            assertThat(first).as("first status line").isNotNull();
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(first + "\n" + status.readAllAsString())
                    .isZero();
            return printed;
        } finally {
            process.destroyForcibly();
        }
    }
}
