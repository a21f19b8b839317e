package org.barewire.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {
    @TempDir
    private Path folder;

    private String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    private Path script() throws IOException {
        StringWriter out = new StringWriter();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("completion"))
                .isZero();
        return Files.writeString(folder.resolve("completion"), out.toString());
    }

    @Test
    void theScriptIsValidBash() throws IOException, InterruptedException {
        assertThat(run("bash", "-n", script().toString())).isEmpty();
    }

    @Test
    void aBeginningOfACommandIsCompleted() throws IOException, InterruptedException {
        String complete = "source %s; COMP_WORDS=(barewire doc); COMP_CWORD=1; _complete_barewire; echo ${COMPREPLY[@]}"
                .formatted(script());
        assertThat(run("bash", "-c", complete)).isEqualTo("doctor");
    }
}
