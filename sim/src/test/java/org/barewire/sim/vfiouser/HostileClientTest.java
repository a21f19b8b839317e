package org.barewire.sim.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.vfiouser.VfioUserChannel;
import org.barewire.drivers.vfiouser.VfioUserCommand;
import org.barewire.drivers.vfiouser.VfioUserMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that say what the protocol does not allow, or vanish: they are refused, and the next one is served.
class HostileClientTest {
    @TempDir
    Path folder;

    private ServedCard card;
    private UnixSocket socket;
    private VfioUserChannel channel;
    private long before;

    @BeforeEach
    void connect() {
        card = new ServedCard(folder);
        before = openFiles();
        socket = UnixSocket.connect(UnixSocket.Type.STREAM, card.socket);
        channel = new VfioUserChannel(socket);
    }

    @AfterEach
    void theNextClientIsServedAndNothingIsLeft() {
        channel.close();
        try (Ixgbe driver = card.drive()) {
            card.bounce(driver, 100);
        }
        assertThat(card.tester.sink().report().clean()).isTrue();
        assertThat(Registers.await(() -> openFiles() <= before, 5_000_000_000L)).isTrue();
        card.close();
    }

    /// Sockets, event counters and memory files of this process.
    private static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(HostileClientTest::isOurs).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isOurs(Path file) {
        try {
            String target = Files.readSymbolicLink(file).toString();
            return target.startsWith("socket:") || target.contains("eventfd") || target.contains("memfd:given");
        } catch (IOException e) {
            return false; // closed since
        }
    }

    private int ask(int command, ByteBuffer payload, int... fds) {
        List<Integer> along = Arrays.stream(fds).boxed().toList();
        assertThat(channel.send(VfioUserMessage.request(5, command, payload, along)))
                .isTrue();
        AtomicReference<@Nullable VfioUserMessage> reply = new AtomicReference<>();
        Registers.await(
                () -> {
                    reply.set(channel.receive());
                    return reply.get() != null;
                },
                5_000_000_000L);
        return Objects.requireNonNull(reply.get()).error();
    }

    private boolean isEnded() {
        Poll.of(socket.fd(), Poll.IN).await(5000);
        return channel.receive() == null && !channel.isOpen();
    }

    private int map(long io, long length, long offset, int... fds) {
        ByteBuffer order = VfioUserMessage.payload(VfioUserCommand.DMA_MAP_BYTES);
        order.putInt(32).putInt(3).putLong(offset).putLong(io).putLong(length);
        return ask(VfioUserCommand.DMA_MAP, order, fds);
    }

    private int access(int command, long offset, int region, int count, int data) {
        ByteBuffer order = VfioUserMessage.payload(VfioUserCommand.REGION_ACCESS_BYTES + data);
        return ask(command, order.putLong(offset).putInt(region).putInt(count));
    }

    private int setIrqs(int flags, int kind, int first, int count, int... fds) {
        ByteBuffer order = VfioUserMessage.payload(VfioUserCommand.SET_IRQS_BYTES);
        order.putInt(20).putInt(flags).putInt(kind).putInt(first).putInt(count);
        return ask(VfioUserCommand.DEVICE_SET_IRQS, order, fds);
    }

    private static int file(long bytes) {
        int fd = Mman.memfd("given", 0);
        Fd.truncate(fd, bytes);
        return fd;
    }

    @Test
    void aMessageThatIsTooLongEndsTheConnection() {
        socket.send(new byte[] {1, 0, 1, 0, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 16);
        assertThat(isEnded()).isTrue();
    }

    @Test
    void oneThatVanishesWithinAMessageIsForgotten() {
        socket.send(new byte[] {1, 0, 1, 0, 99}, 0, 5);
    }

    @Test
    void anotherVersionEndsTheConnection() {
        ByteBuffer proposal = VfioUserMessage.payload(8).putShort((short) 7);
        assertThat(ask(VfioUserCommand.VERSION, proposal)).isEqualTo(Errno.EINVAL);
        assertThat(isEnded()).isTrue();
    }

    @Test
    void whatThereIsNotIsRefused() {
        assertThat(ask(99, VfioUserMessage.payload(0))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(ask(0xFFFF, VfioUserMessage.payload(100))).isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void messagesThatAreCutOffAreRefused() {
        for (int command : new int[] {
            VfioUserCommand.DMA_MAP,
            VfioUserCommand.DMA_UNMAP,
            VfioUserCommand.DEVICE_GET_REGION_INFO,
            VfioUserCommand.DEVICE_GET_IRQ_INFO,
            VfioUserCommand.DEVICE_SET_IRQS,
            VfioUserCommand.REGION_READ,
            VfioUserCommand.REGION_WRITE
        }) {
            assertThat(ask(command, VfioUserMessage.payload(11))).isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void onlyFilesThatAreLongEnoughAreMapped() {
        int fd = file(8192);
        try (EventFd event = EventFd.create()) {
            assertThat(map(0x10000, 4096, 0, event.fd())).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, 12288, 0, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, 4096, 8192, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, 4096, -4096, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, -4096, 0, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, Long.MAX_VALUE & -4096, 0, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(-4096, 4096, 0, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10010, 4096, 0, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, 4096, 0, fd, fd)).isEqualTo(Errno.EINVAL);
            assertThat(map(0x10000, 8192, 0, fd)).isZero();
            assertThat(map(0x11000, 4096, 0, fd)).isEqualTo(Errno.EEXIST);
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void memoryIsMappedAgainAfterItWasUnmapped() {
        int fd = file(8192);
        ByteBuffer all =
                VfioUserMessage.payload(24).putInt(24).putInt(0).putLong(0).putLong(-4096);
        for (int i = 0; i < 10; i++) {
            assertThat(map(0x10000, 8192, 0, fd)).isZero();
            assertThat(ask(VfioUserCommand.DMA_UNMAP, all)).isZero();
        }
        Fd.close(fd);
    }

    @Test
    void onlyEventCountersAreSignalled() {
        int trigger = VfioUserCommand.DATA_EVENTFD | VfioUserCommand.ACTION_TRIGGER;
        int fd = file(4096);
        try (EventFd event = EventFd.create()) {
            assertThat(setIrqs(trigger, VfioUserCommand.IRQ_MSIX, 0, 1, fd)).isEqualTo(Errno.EINVAL);
            assertThat(setIrqs(trigger, VfioUserCommand.IRQ_MSIX, 0, 2, event.fd()))
                    .isEqualTo(Errno.EINVAL);
            assertThat(setIrqs(trigger, VfioUserCommand.IRQ_MSIX, 64, 1, event.fd()))
                    .isEqualTo(Errno.EINVAL);
            assertThat(setIrqs(trigger, VfioUserCommand.IRQ_MSIX, Integer.MAX_VALUE, 1, event.fd()))
                    .isEqualTo(Errno.EINVAL);
            assertThat(setIrqs(trigger, -1, 0, 1, event.fd())).isEqualTo(Errno.EINVAL);
            assertThat(setIrqs(-1, VfioUserCommand.IRQ_MSIX, 0, 1, event.fd())).isEqualTo(Errno.EINVAL);
            assertThat(setIrqs(trigger, VfioUserCommand.IRQ_MSIX, 63, 1, event.fd()))
                    .isZero();
        } finally {
            Fd.close(fd);
        }
    }

    @Test
    void accessesBeyondARegionAreRefused() {
        int read = VfioUserCommand.REGION_READ;
        int config = VfioUserCommand.REGION_CONFIG;
        assertThat(access(read, 4092, config, 8, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, -4, config, 4, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, Long.MIN_VALUE, config, 4, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, 0, config, 0, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, 0, 0, 1 << 30, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, 0, 3, 4, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, 0, -1, 4, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, 2, 0, 4, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(VfioUserCommand.REGION_WRITE, 0, config, 8, 4)).isEqualTo(Errno.EINVAL);
        assertThat(access(VfioUserCommand.REGION_WRITE, 0, 0, 4, 0)).isEqualTo(Errno.EINVAL);
        assertThat(access(read, 4088, config, 8, 0)).isZero();
    }
}
