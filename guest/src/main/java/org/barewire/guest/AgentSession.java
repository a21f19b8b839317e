package org.barewire.guest;

import java.time.Duration;

/// The test's side of an {@link Agent} that runs in a guest: a job at a time. Belongs to one thread.
final class AgentSession implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int WINDOW = 64; // frames that every card has room for

    private final Shell shell;
    private boolean ended;

    AgentSession(Shell shell) {
        this.shell = shell;
        shell.start(JavaCommand.of(Agent.class));
        reply(); // it is up
    }

    /// Has a job done; see {@link Agent} for which there are.
    ///
    /// @throws AssertionError if it could not be done
    Reply ask(String job) {
        begin(job);
        return end();
    }

    /// Has a job done that must fail, and returns why it has.
    String refusal(String job) {
        begin(job);
        return reply().text(Reply.ERROR);
    }

    /// Starts a job; the test goes on meanwhile.
    void begin(String job) {
        shell.send(job);
    }

    /// Waits for the end of the job that was {@linkplain #begin begun}.
    Reply end() {
        Reply reply = reply();
        if (reply.has(Reply.ERROR)) {
            throw new AssertionError("the agent: " + reply.text(Reply.ERROR));
        }
        return reply;
    }

    /// Sends frames for its card over a wire to a device of the agent's, which sends each back: all of them
    /// must come, unchanged.
    void assertEchoes(String device, Wire wire, int count, int longest, int seed) {
        assertEchoes(device, wire, wire.frames(count, longest, seed), WINDOW);
    }

    /// @param window how many frames may be under way
    void assertEchoes(String device, Wire wire, Frames frames, int window) {
        begin("echo " + device);
        Report report = wire.echo(frames, window);
        begin("stop");
        end();
        report.assertIsComplete(frames.count());
    }

    /// Sends frames to a device of the agent's, which must receive all, unchanged.
    void assertReceives(String device, Wire wire, Frames frames, int window) {
        begin("receive %s %s".formatted(device, frames.toText()));
        wire.send(frames, window);
        Reply reply = end();
        if (reply.number("received") != frames.count()
                || !reply.text("complaint").isEmpty()) {
            throw new AssertionError("the guest has received other than %s: %s".formatted(frames, reply.fields()));
        }
    }

    /// Has a device of the agent's send frames, of which all must arrive, unchanged.
    void assertSends(String device, Wire wire, Frames frames) {
        begin("send %s %s".formatted(device, frames.toText()));
        Report report = wire.receive(frames);
        end();
        report.assertIsComplete(frames.count());
    }

    private Reply reply() {
        while (true) {
            String line = shell.line(PATIENCE, "the agent's reply");
            if (Shell.isEnd(line)) {
                ended = true;
                throw new AssertionError(
                        "the agent ended with status %d; the guest's log says why".formatted(Shell.status(line)));
            }
            if (line.startsWith("{")) {
                return Reply.parse(line);
            }
        }
    }

    /// Ends the agent, which closes its devices.
    @Override
    public void close() {
        if (!ended) {
            shell.send("exit");
            while (!Shell.isEnd(shell.line(PATIENCE, "the end of the agent"))) {}
            ended = true;
        }
    }
}
