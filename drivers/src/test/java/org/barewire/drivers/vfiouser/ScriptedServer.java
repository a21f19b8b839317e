package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;

/// A vfio-user server that plays a device of zeros, and answers some commands as a test says.
final class ScriptedServer implements AutoCloseable {
    /// What to do with a command, instead of what is right.
    interface Answer {
        void give(UnixSocket socket, VfioUserMessage command);
    }

    final String path;
    private final UnixSocket listening;
    private final Map<Integer, Answer> answers = new HashMap<>();
    private final Thread thread;
    private volatile boolean diesOfPosted;
    private volatile boolean closed;

    ScriptedServer(Path folder) {
        path = folder.resolve("server.sock").toString();
        listening = UnixSocket.listen(UnixSocket.Type.STREAM, path);
        thread = Thread.ofPlatform().daemon().unstarted(this::run);
    }

    /// To be said before the client connects.
    ScriptedServer on(int command, Answer answer) {
        answers.put(command, answer);
        return this;
    }

    /// It ends at the first write that wants no reply.
    ScriptedServer dyingOfPostedWrites() {
        diesOfPosted = true;
        return this;
    }

    ScriptedServer start() {
        thread.start();
        return this;
    }

    /// A message that is what its header says.
    static byte[] message(int id, int command, int flags, byte[] payload) {
        return message(id, command, VfioUserMessage.HEADER + payload.length, flags, payload);
    }

    /// A message that says that it has `size` bytes.
    static byte[] message(int id, int command, int size, int flags, byte[] payload) {
        ByteBuffer bytes =
                ByteBuffer.allocate(VfioUserMessage.HEADER + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort((short) id)
                .putShort((short) command)
                .putInt(size)
                .putInt(flags)
                .putInt(0);
        return bytes(bytes.put(payload));
    }

    /// All bytes of a buffer.
    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.capacity()];
        buffer.get(0, bytes);
        return bytes;
    }

    static void send(UnixSocket socket, byte[] bytes, int... fds) {
        socket.send(bytes, 0, bytes.length, fds);
    }

    static void reply(UnixSocket socket, VfioUserMessage command, byte[] payload) {
        send(socket, message(command.id(), command.command(), VfioUserMessage.REPLY, payload));
    }

    private void run() {
        while (!closed) {
            Poll.of(listening.fd(), Poll.IN).await(100);
            UnixSocket socket = listening.accept();
            if (socket != null) {
                serve(socket);
            }
        }
    }

    private void serve(UnixSocket socket) {
        try (VfioUserChannel channel = new VfioUserChannel(socket)) {
            while (channel.isOpen() && !closed) {
                VfioUserMessage command = channel.receive();
                if (command == null) {
                    channel.await(100);
                    continue;
                }
                Answer answer = answers.getOrDefault(command.command(), ScriptedServer::obey);
                answer.give(socket, command);
                command.close();
                if (answer == DIE || diesOfPosted && !command.wantsReply()) {
                    channel.end("is left");
                }
            }
        }
    }

    /// The connection ends.
    static final Answer DIE = (socket, command) -> {};

    /// As a server should.
    static void obey(UnixSocket socket, VfioUserMessage command) {
        if (!command.wantsReply()) {
            return;
        }
        ByteBuffer question = command.payload();
        ByteBuffer answer = switch (command.command()) {
            case VfioUserCommand.VERSION ->
                VfioUserMessage.payload(40).putInt(0).put("{}\0".getBytes(StandardCharsets.US_ASCII));
            case VfioUserCommand.DEVICE_GET_INFO ->
                VfioUserMessage.payload(16)
                        .putInt(16)
                        .putInt(VfioUserCommand.DEVICE_PCI)
                        .putInt(9)
                        .putInt(5);
            case VfioUserCommand.DEVICE_GET_REGION_INFO ->
                VfioUserMessage.payload(32)
                        .putInt(32)
                        .putInt(3)
                        .putInt(question.getInt(8))
                        .putInt(0)
                        .putLong(4096);
            case VfioUserCommand.DEVICE_GET_IRQ_INFO ->
                VfioUserMessage.payload(16)
                        .putInt(16)
                        .putInt(1)
                        .putInt(question.getInt(8))
                        .putInt(4);
            case VfioUserCommand.REGION_READ -> VfioUserMessage.payload(16 + question.getInt(12));
            default -> VfioUserMessage.payload(0);
        };
        reply(socket, command, bytes(answer));
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listening.close();
    }
}
