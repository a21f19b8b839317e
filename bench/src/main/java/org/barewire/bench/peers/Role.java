package org.barewire.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A process that sends or receives, and says how many packets so far when it is asked.
final class Role implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final String question;
    private final Pattern answer;
    private final StringBuilder said = new StringBuilder();

    /// Starts it, and waits until it says that it has begun.
    ///
    /// @param begun    what it says then
    /// @param question what it is to be asked for its count
    /// @param answer   what it answers, with the count as the first group
    Role(List<String> line, Pattern begun, String question, Pattern answer) throws IOException {
        this.process = new ProcessBuilder(line).redirectErrorStream(true).start();
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        this.question = question;
        this.answer = answer;
        try {
            await(begun);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /// testpmd on one CPU.
    ///
    /// @param wrapper what the command is put behind, as `ip netns exec NAME`; or empty
    static Role testpmd(String wrapper, int cpu, String vdev, boolean sends) throws IOException {
        String line = wrapper
                + "stdbuf -oL dpdk-testpmd --no-pci --in-memory --single-file-segments -m 256 --file-prefix=barewire-bench-"
                + cpu
                + " --lcores 0@%d,1@%d --vdev %s".formatted(cpu, cpu, vdev)
                + " -- -i --total-num-mbufs=16384 --no-flush-rx --disable-link-check --forward-mode="
                + (sends ? "txonly" : "rxonly");
        Role role = new Role(
                List.of(line.split(" ", -1)),
                Pattern.compile("Done"),
                "show port stats 0",
                Pattern.compile((sends ? "TX" : "RX") + "-packets: +(\\d+)"));
        role.say("start");
        return role;
    }

    /// Packets so far.
    long packets() throws IOException {
        say(question);
        return Long.parseLong(await(answer).group(1));
    }

    private void say(String text) throws IOException {
        input.write(text + "\n");
        input.flush();
    }

    /// Reads on until a line fits.
    private Matcher await(Pattern pattern) throws IOException {
        Thread watchdog = Thread.ofVirtual().start(this::killLate);
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                said.append(line).append('\n');
                Matcher matcher = pattern.matcher(line);
                if (matcher.find()) {
                    return matcher;
                }
            }
        } finally {
            watchdog.interrupt();
        }
        throw new IOException("'%s' did not say '%s' but:%n%s"
                .formatted(process.info().commandLine().orElse("a process"), pattern, said));
    }

    private void killLate() {
        try {
            TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it has answered
        }
    }

    /// Kills it, and waits until it is gone.
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
