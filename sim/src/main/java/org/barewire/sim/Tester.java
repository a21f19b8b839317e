package org.barewire.sim;

/// A tester plugged into one end of a wire: a {@link ProbeSource} that sends and a {@link ProbeSink} that
/// checks what arrives. The sink expects nothing by itself; who expects whom depends on the way of the
/// frames:
///
/// ```
/// Tester left = new Tester(wireA.left(), config.withStream(1));
/// Tester right = new Tester(wireB.right(), config.withStream(2));
/// right.sink().expect(left.source());
/// left.source().start(1_000_000);
/// ```
///
/// and `tester.sink().expect(tester.source())` where the frames come back to where they were sent.
///
/// For the simulation's thread. Its clock is the simulation's: a latency is the time from the step that wrote
/// the frame to the one that delivered it.
public final class Tester implements Endpoint, Steppable, AutoCloseable {
    private final WireEnd end;
    private final ProbeSource source;
    private final ProbeSink sink = new ProbeSink();

    /// Plugs a tester in. It sends nothing until its source is started.
    public Tester(WireEnd end, TesterConfig config) {
        this.end = end;
        source = new ProbeSource(end, config);
        end.connect(this);
    }

    public ProbeSource source() {
        return source;
    }

    public ProbeSink sink() {
        return sink;
    }

    @Override
    public boolean step(long nowNanos) {
        return source.step(nowNanos);
    }

    @Override
    public void frameArrived(long address, int length, boolean damaged) {
        sink.accept(end.nowNanos(), address, length, damaged);
    }

    /// Pulls the plug and frees the source's memory.
    @Override
    public void close() {
        end.disconnect();
        source.close();
    }
}
