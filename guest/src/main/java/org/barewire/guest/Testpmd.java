package org.barewire.guest;

import java.time.Duration;

/// DPDK's testpmd in a guest, on one port: told what to do, and asked for its statistics.
///
/// Belongs to one thread.
final class Testpmd implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Shell shell;
    private final StringBuilder said = new StringBuilder();
    private boolean ended;

    /// Has the card of VFIO's forward what it receives; returns when it does.
    ///
    /// @param address  of the card, as 0000:00:10.0
    /// @param options  of testpmd beyond those for all, as `--rxq=4`
    /// @param commands that come before `start`, one a line
    Testpmd(Guest guest, String address, String options, String commands) {
        shell = guest.shell();
        shell.start("""
                stdbuf -oL dpdk-testpmd -l 0,1 --no-telemetry -m 96 -a %s -- -i --nb-cores=1 --total-num-mbufs=4096 \
                    --no-lsc-interrupt --no-flush-rx %s 2>&1
                """.formatted(address, options));
        await("Done");
        commands.lines().forEach(shell::send);
        shell.send("start");
        await("packet forwarding - ports=1");
    }

    /// Ends it, and returns what it has counted.
    Counters stop() {
        said.setLength(0);
        shell.send("stop");
        shell.send("show port xstats 0");
        close();
        return Counters.parse(said.toString());
    }

    private void await(String text) {
        while (!said.toString().contains(text)) {
            if (!readLine()) {
                throw new AssertionError("testpmd has ended: " + said);
            }
        }
    }

    /// False at the end.
    private boolean readLine() {
        String line = shell.line(PATIENCE, "testpmd");
        ended = Shell.isEnd(line);
        said.append(line).append('\n');
        return !ended;
    }

    @Override
    public void close() {
        if (!ended) {
            shell.send("quit");
            while (readLine()) {}
        }
    }
}
