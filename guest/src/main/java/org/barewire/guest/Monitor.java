package org.barewire.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// QEMU's monitor: what happens to the guest's machine (QEMU Machine Protocol). Belongs to one thread.
final class Monitor {
    private static final Pattern ANSWER = Pattern.compile("\\{\"return\": (?:\"(.*)\"|\\{}).*}");

    private final Channel channel;
    private final BufferedReader reader;

    /// Waits for QEMU.
    Monitor(Channel channel) throws IOException {
        this.channel = channel;
        this.reader = channel.accept();
        execute("{\"execute\": \"qmp_capabilities\"}");
    }

    /// Does a command of those for people, as `set_link nic0 off` or `device_del nic0`.
    ///
    /// @throws AssertionError if QEMU says anything
    void command(String line) {
        String said = ask(line);
        if (!said.isEmpty()) {
            throw new AssertionError("QEMU's answer to '%s': %s".formatted(line, said));
        }
    }

    /// Does such a command and returns what QEMU says.
    String ask(String line) {
        try {
            return execute("{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"%s\"}}"
                    .formatted(line));
        } catch (IOException e) {
            throw new AssertionError("QEMU ended during '%s'".formatted(line), e);
        }
    }

    private String execute(String request) throws IOException {
        channel.send(request);
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            Matcher answer = ANSWER.matcher(line);
            if (answer.matches()) {
                return answer.group(1) == null ? "" : answer.group(1).replace("\\r\\n", "\n");
            }
        }
        throw new IOException("QEMU has closed its monitor");
    }
}
