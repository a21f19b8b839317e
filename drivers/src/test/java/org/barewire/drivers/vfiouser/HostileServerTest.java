package org.barewire.drivers.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Servers that die, lie, or don't speak the protocol: each is an error in plain words, and nothing is left.
class HostileServerTest {
    private static final int PATIENCE = 300; // milliseconds

    @TempDir
    Path folder;

    private ScriptedServer server;
    private long before;

    @BeforeEach
    void prepare() {
        server = new ScriptedServer(folder);
        before = openFiles();
    }

    @AfterEach
    void nothingIsLeft() {
        server.close();
        assertThat(openFiles()).isLessThan(before);
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(file -> {
                        try {
                            String target = Files.readSymbolicLink(file).toString();
                            return target.startsWith("socket:") || target.contains("eventfd");
                        } catch (IOException e) {
                            return false; // closed since
                        }
                    })
                    .count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private VfioUserDevice open() {
        server.start();
        return VfioUserDevice.open(server.path, PATIENCE);
    }

    private static void refused(ThrowingCallable call, String why) {
        assertThatThrownBy(call).isInstanceOf(DeviceException.class).hasMessageContaining(why);
    }

    @Test
    void aServerThatIsNotThereIsToBeStarted() {
        refused(() -> VfioUserDevice.open(folder.resolve("none").toString()), "barewire nic --socket");
    }

    @Test
    void oneThatDiesAtOnce() {
        server.on(VfioUserCommand.VERSION, ScriptedServer.DIE);
        refused(this::open, "has closed the connection");
    }

    @Test
    void oneThatDoesNotAnswer() {
        server.on(VfioUserCommand.DEVICE_GET_INFO, (socket, command) -> {});
        refused(this::open, "has not answered within 300 ms when asked to describe its device");
    }

    @Test
    void oneOfAnotherVersion() {
        server.on(
                VfioUserCommand.VERSION,
                (socket, command) -> ScriptedServer.reply(socket, command, new byte[] {1, 0, 0, 0, 0}));
        refused(this::open, "speaks version 1.0, but 0.0 is needed");
    }

    @Test
    void oneThatAnswersSomethingElse() {
        server.on(
                VfioUserCommand.DEVICE_GET_INFO,
                (socket, command) -> ScriptedServer.send(
                        socket, ScriptedServer.message(77, command.command(), VfioUserMessage.REPLY, new byte[16])));
        refused(this::open, "has answered what it was not asked");
    }

    @Test
    void oneWhoseMessagesAreTooLong() {
        server.on(
                VfioUserCommand.DEVICE_GET_INFO,
                (socket, command) -> ScriptedServer.send(
                        socket,
                        ScriptedServer.message(
                                command.id(), command.command(), -1, VfioUserMessage.REPLY, new byte[16])));
        refused(this::open, "has sent a message of 4294967295 bytes");
    }

    @Test
    void oneWhoseMessagesAreShorterThanTheirHeader() {
        server.on(
                VfioUserCommand.DEVICE_GET_INFO,
                (socket, command) -> ScriptedServer.send(
                        socket,
                        ScriptedServer.message(
                                command.id(), command.command(), 8, VfioUserMessage.REPLY, new byte[0])));
        refused(this::open, "has sent a message of 8 bytes");
    }

    @Test
    void oneWhoseAnswersAreCutOff() {
        server.on(
                VfioUserCommand.DEVICE_GET_REGION_INFO,
                (socket, command) -> ScriptedServer.reply(socket, command, new byte[20]));
        refused(this::open, "has answered 20 bytes, less than 32, when asked to describe region 7");
    }

    @Test
    void oneThatRefuses() {
        server.on(
                VfioUserCommand.DEVICE_GET_INFO,
                (socket, command) -> ScriptedServer.send(
                        socket,
                        ScriptedServer.message(
                                command.id(),
                                command.command(),
                                VfioUserMessage.REPLY | VfioUserMessage.ERROR,
                                new byte[0])));
        refused(this::open, "refuses to describe its device");
    }

    @Test
    void oneWithARegionOfNegativeSize() {
        server.on(
                VfioUserCommand.DEVICE_GET_REGION_INFO,
                (socket, command) -> ScriptedServer.reply(
                        socket,
                        command,
                        ScriptedServer.bytes(
                                VfioUserMessage.payload(32).putInt(8, 7).putLong(16, -1))));
        refused(this::open, "says that region 7 has -1 bytes");
    }

    @Test
    void oneWithMoreInterruptsThanThereCanBe() {
        server.on(
                VfioUserCommand.DEVICE_GET_IRQ_INFO,
                (socket, command) -> ScriptedServer.reply(
                        socket,
                        command,
                        ScriptedServer.bytes(
                                VfioUserMessage.payload(16).putInt(4, 1).putInt(12, 1 << 30))));
        try (VfioUserDevice device = open()) {
            refused(() -> device.interrupts(1), "says that it has 1073741824 interrupts");
        }
    }

    @Test
    void descriptorsThatNobodyHasAskedForAreClosed() {
        server.on(VfioUserCommand.DEVICE_GET_INFO, (socket, command) -> {
            try (EventFd unwanted = EventFd.create()) {
                byte[] info = ScriptedServer.bytes(VfioUserMessage.payload(16)
                        .putInt(16)
                        .putInt(2)
                        .putInt(9)
                        .putInt(5));
                ScriptedServer.send(
                        socket,
                        ScriptedServer.message(command.id(), command.command(), VfioUserMessage.REPLY, info),
                        unwanted.fd(),
                        unwanted.fd());
            }
        });
        try (VfioUserDevice device = open()) {
            assertThat(device.id().vendor()).isZero();
        }
    }

    @Test
    void oneThatRefusesDescriptorsLeavesNoEventCounters() {
        server.on(VfioUserCommand.DEVICE_SET_IRQS, ScriptedServer.DIE);
        try (VfioUserDevice device = open()) {
            refused(() -> device.interrupts(4), "has closed the connection");
        }
    }

    @Test
    void oneThatAsksForMemoryIsToldThatItHasItAlready() {
        server.on(VfioUserCommand.DEVICE_GET_INFO, (socket, command) -> {
            ScriptedServer.send(socket, ScriptedServer.message(1, 11, 0, new byte[16]));
            ScriptedServer.obey(socket, command);
        });
        try (VfioUserDevice device = open()) {
            assertThat(device.ending()).isEmpty();
        }
    }

    @Test
    void oneThatDiesLaterReadsAsAllOnes() {
        server.dyingOfPostedWrites();
        try (VfioUserDevice device = VfioUserDevice.open(server.start().path, PATIENCE)) {
            var registers = device.bar(0).registers();
            for (int i = 0; i < 1000; i++) {
                registers.write32(0, i);
            }
            assertThat(registers.read32(0)).isEqualTo(-1);
            assertThat(device.config().read16(0)).isEqualTo(0xFFFF);
            assertThat(device.bar(0).read8(1)).isEqualTo(0xFF);
            assertThat(device.ending()).isNotEmpty();
            PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
            memory.add(1);
            refused(() -> memory.attach(device.dma()), "the vfio-user server at");
            memory.close();
        }
    }

    @Test
    void aDeviceThatNoDriverKnowsIsGivenBack() {
        server.start();
        refused(() -> NetDevice.open("vfio-user:" + server.path), "there is no driver for it");
    }
}
