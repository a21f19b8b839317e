package org.barewire.sim.vfiouser;

import java.util.function.Consumer;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.Threads;
import org.barewire.drivers.vfiouser.VfioUserChannel;
import org.barewire.sim.Nic82599;

/// Serves a model of the 82599 to drivers of other processes, by vfio-user: QEMU's vfio-user-pci, DPDK, another
/// Barewire.
///
/// One client at a time. When it goes, however it does, the model is reset, everything of the client's is
/// forgotten, and the next one may come. The model is stepped by somebody else, its simulation.
public final class NicServer implements AutoCloseable {
    private static final int SOCKET = 0;
    private static final int STOP = 1;

    private final Nic82599 nic;
    private final Registers registers;
    private final UnixSocket socket;
    private final Consumer<String> events;
    private final InterruptLines lines = new InterruptLines();
    private final EventFd stop = EventFd.create();
    private final Thread thread;
    private boolean closed;

    /// Listens from now on, and takes over the model's interrupts.
    ///
    /// @param path      of the socket, which is removed in the end
    /// @param registers the model's, or what stands before them, like a {@link org.barewire.sim.RegisterLog}
    /// @param events    is told in a sentence who comes and goes, by the server's thread
    /// @throws org.barewire.core.linux.LinuxException if it can't listen there
    public NicServer(Nic82599 nic, Registers registers, String path, Consumer<String> events) {
        this.nic = nic;
        this.registers = registers;
        this.events = events;
        socket = UnixSocket.listen(UnixSocket.Type.STREAM, path);
        nic.onInterrupt(lines::fire);
        thread = Thread.ofPlatform().daemon().name("barewire-nic " + path).start(this::run);
    }

    /// Interrupts that clients have been sent. Any thread may call.
    public long interrupts() {
        return lines.fired();
    }

    /// Says goodbye to the client, if there is one, and stops listening. Closing twice does nothing.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        stop.signal();
        Threads.join(thread);
        socket.close();
        stop.close();
    }

    private void run() {
        Poll poll = new Poll(2);
        poll.set(STOP, stop.fd(), Poll.IN);
        boolean stopping = false;
        while (!stopping) {
            poll.set(SOCKET, socket.fd(), Poll.IN);
            poll.await(-1);
            stopping = poll.happened(STOP) != 0;
            UnixSocket accepted = stopping ? null : socket.accept();
            if (accepted != null) {
                serve(accepted, poll);
            }
        }
    }

    private void serve(UnixSocket accepted, Poll poll) {
        VfioUserChannel channel = new VfioUserChannel(accepted);
        events.accept("a client has connected to " + socket.name());
        try (NicConnection connection = new NicConnection(nic, registers, channel, lines)) {
            boolean warned = false;
            while (channel.isOpen()) {
                connection.serve();
                if (!warned && connection.hasUnreachableMemory()) {
                    warned = true;
                    events.accept("the client has memory that it does not share: the device can't reach it."
                            + " With QEMU, back the guest's memory by memory-backend-memfd,share=on");
                }
                await(channel, poll);
            }
        }
        events.accept("the client of %s %s".formatted(socket.name(), channel.ending()));
    }

    private static void await(VfioUserChannel channel, Poll poll) {
        if (channel.isOpen()) {
            poll.set(SOCKET, channel.fd(), Poll.IN);
            poll.await(-1);
            if (poll.happened(STOP) != 0) {
                channel.end("is told to go: the server stops");
            }
        }
    }
}
