package org.barewire.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.core.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/// The host's end of the wire of a guest's network card: local datagram sockets, a datagram a frame, without
/// the check sequence (QEMU's `-netdev dgram`).
///
/// A socket that is full makes the other side wait, so the wire itself loses nothing; a card that has no room
/// makes QEMU wait, or drops, as each card does. So a test that counts sends no more than a window at a time.
/// Belongs to one thread.
final class Wire implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20); // without any progress

    private static final int LONGEST = 1 << 16;

    private final int index;
    private final String host;
    private final String guest;
    private final UnixSocket socket;
    private final Poll poll = new Poll(1);
    private final byte[] in = new byte[LONGEST];
    private @Nullable Capture capture;

    /// @param folder where the sockets are
    Wire(Path folder, int index) {
        this.index = index;
        this.host = folder.resolve("host" + index).toString();
        this.guest = folder.resolve("guest" + index).toString();
        this.socket = UnixSocket.bind(host);
    }

    /// The `-netdev` of QEMU, called `wire` and the index.
    String netdev() {
        return "dgram,id=wire%d,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
                .formatted(index, guest, host);
    }

    /// Attaches to QEMU, which has been started.
    ///
    /// @throws LinuxException if it has not come so far, or not at all
    void connect() {
        socket.setPeer(guest);
    }

    /// The address that the harness gives the card at the guest's end.
    MacAddress guestAddress() {
        return new MacAddress(0x5254_0000_0001L + index);
    }

    /// Frames of 60 bytes and more for the card at the guest's end.
    Frames frames(int count, int longest, int seed) {
        return new Frames(count, 60, longest, seed, guestAddress());
    }

    /// Writes all frames from now on to a capture file, both ways.
    void capture(Path file) throws IOException {
        capture = new Capture(file);
    }

    /// Ends the capture, so that its file can be read.
    void endCapture() {
        if (capture != null) {
            capture.close();
            capture = null;
        }
    }

    /// Sends frames and expects each to come back, while the guest echoes.
    ///
    /// @param window how many may be under way
    Report echo(Frames frames, int window) {
        return exchange(frames, window, true, () -> Integer.MAX_VALUE, () -> 0, PATIENCE);
    }

    /// As {@link #echo}, but for as long as frames come back: until nothing has moved for `silence`.
    void echoUntilSilent(Frames frames, int window, Duration silence) {
        exchange(frames, window, true, () -> Integer.MAX_VALUE, () -> 0, silence);
    }

    /// As {@link #echo}, but in bursts of 1 to 64 frames with pauses of up to 2 ms between them, or none.
    Report echoBursts(Frames frames, int window) {
        SplittableRandom random = new SplittableRandom(frames.seed());
        return exchange(
                frames,
                window,
                true,
                () -> random.nextInt(1, 65),
                () -> random.nextBoolean() ? 0 : random.nextInt(2_000_000),
                PATIENCE);
    }

    /// As {@link #echo}, but a frame at a time, in the same distances.
    Report echoEvenly(Frames frames, int perSecond) {
        return exchange(frames, Integer.MAX_VALUE, true, () -> 1, () -> 1_000_000_000 / perSecond, PATIENCE);
    }

    /// Sends frames to a guest that says what it has received: see `receive` of {@link Agent}. The report is
    /// the guest's to give.
    ///
    /// @param window how many may be without a receipt
    void send(Frames frames, int window) {
        exchange(frames, window, false, () -> Integer.MAX_VALUE, () -> 0, PATIENCE);
    }

    /// Receives what a guest sends.
    Report receive(Frames frames) {
        Arrivals arrivals = new Arrivals(frames);
        while (!arrivals.complete()) {
            int length = next(PATIENCE);
            if (length == 0) {
                break;
            }
            arrivals.take(in, length);
        }
        return arrivals.report(frames.count());
    }

    /// Sends one frame of any kind.
    void transmit(byte[] frame) {
        while (!offer(frame, frame.length)) {
            poll.set(0, socket.fd(), Poll.OUT);
            poll.await(100);
        }
    }

    /// Sends a frame so many times, in distances that are never shorter.
    void transmitEvenly(byte[] frame, int count, int perSecond) {
        for (int i = 0; i < count; i++) {
            transmit(frame);
            long due = System.nanoTime() + 1_000_000_000L / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    /// Has a thread of its own send frames for the card at the guest's end, as many as it takes, until it is
    /// interrupted or the guest ends. Nobody else may use the wire then.
    Thread flood() {
        byte[] frame = new byte[1514];
        Frames.writeHeader(frame, guestAddress(), Frames.NUMBERED, 0);
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                while (!Thread.interrupted()) {
                    for (int i = 0; i < 8; i++) {
                        transmit(frame);
                    }
                    LockSupport.parkNanos(1_000_000);
                }
            } catch (AssertionError e) {
                return; // the guest has ended
            }
        });
    }

    /// Waits until one frame arrives, whatever does before.
    void await(byte[] frame) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < PATIENCE.toNanos()) {
            int length = next(PATIENCE);
            if (length == frame.length && Arrays.mismatch(frame, 0, length, in, 0, length) < 0) {
                return;
            }
        }
        throw new AssertionError("a frame that was waited for has not arrived");
    }

    /// The frames that arrive until none has for a while.
    List<byte[]> collect(Duration quiet) {
        List<byte[]> frames = new ArrayList<>();
        for (int length = next(quiet); length > 0; length = next(quiet)) {
            frames.add(Arrays.copyOf(in, length));
        }
        return frames;
    }

    /// @param burst    how many frames are sent before the next pause
    /// @param pause    how long it is, in nanoseconds
    /// @param patience without any progress
    private Report exchange(
            Frames frames, int window, boolean echoed, IntSupplier burst, IntSupplier pause, Duration patience) {
        Arrivals arrivals = new Arrivals(frames);
        byte[] out = new byte[frames.longest() + 8];
        int made = 0;
        int length = 0; // of the frame that waits to be sent
        int sent = 0;
        int done = 0;
        int left = burst.getAsInt(); // of the burst
        long last = System.nanoTime();
        long resumed = last;
        while (done < frames.count() && System.nanoTime() - last < patience.toNanos()) {
            boolean moved = false;
            while (sent < frames.count() && sent - done < window && System.nanoTime() - resumed >= 0) {
                if (made == sent) {
                    length = frames.write(made++, out);
                }
                if (!offer(out, length)) {
                    break;
                }
                sent++;
                moved = true;
                if (--left == 0) {
                    left = burst.getAsInt();
                    resumed = System.nanoTime() + pause.getAsInt();
                }
            }
            for (int n = take(); n > 0; n = take()) {
                if (echoed) {
                    arrivals.take(in, n);
                    done = arrivals.received();
                } else if (n >= Frames.HEADER && Frames.type(in) == Frames.RECEIPT) {
                    done = Math.max(done, (int) Frames.number(in));
                }
                moved = true;
            }
            if (moved) {
                last = System.nanoTime();
            } else {
                poll.set(0, socket.fd(), made > sent ? Poll.IN | Poll.OUT : Poll.IN);
                boolean pauses = sent < frames.count() && resumed - System.nanoTime() > 0;
                poll.awaitNanos(pauses ? Math.max(1, resumed - System.nanoTime()) : 100_000_000);
            }
        }
        return arrivals.report(sent);
    }

    /// Length of the next frame, now in `in`, or 0 if none comes in time.
    private int next(Duration patience) {
        long start = System.nanoTime();
        int length = take();
        while (length == 0 && System.nanoTime() - start < patience.toNanos()) {
            poll.set(0, socket.fd(), Poll.IN);
            poll.await(10);
            length = take();
        }
        return length;
    }

    /// Sends a frame unless QEMU has too many waiting.
    private boolean offer(byte[] frame, int length) {
        int result = socket.send(frame, 0, length);
        if (result == UnixSocket.CLOSED) {
            throw new AssertionError("QEMU has ended: wire %d has no other end".formatted(index));
        }
        if (result == length && capture != null) {
            capture.add(frame, length);
        }
        return result == length;
    }

    /// Length of a frame that has arrived, or 0.
    private int take() {
        int length = socket.receive(in, 0, in.length, List.of());
        if (length > 0 && capture != null) {
            capture.add(in, length);
        }
        return Math.max(0, length);
    }

    @Override
    public void close() {
        endCapture();
        socket.close();
    }
}
