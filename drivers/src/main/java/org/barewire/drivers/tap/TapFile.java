package org.barewire.drivers.tap;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Capability;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Ioctl;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.NetNamespace;
import org.barewire.drivers.Undo;
import org.barewire.drivers.kernel.VnetHeader;

/// One queue of a tap interface: an open `/dev/net/tun` (`linux/if_tun.h`,
/// `Documentation/networking/tuntap.rst`).
///
/// @param fd            non-blocking; a read takes one packet, a write gives one, a virtio-net header in front
/// @param interfaceName the interface that it belongs to
record TapFile(int fd, String interfaceName) implements AutoCloseable {
    private static final String TUN = "/dev/net/tun";

    private static final long TUNSETIFF = 0x400454CAL;
    private static final long TUNSETOFFLOAD = 0x400454D0L;
    private static final long TUNSETVNETHDRSZ = 0x400454D8L;

    private static final int IFF_TAP = 0x0002;
    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int FLAGS = 16; // of struct ifreq

    /// Checksums may be left to be filled in.
    static final int CHECKSUM = 1;
    /// TCP segmentation may be left to be done, on IPv4 and IPv6, with ECN.
    static final int SEGMENTATION = 2 | 4 | 8;

    /// Opens the queues of an interface, which comes to be if it isn't there; unless it is persistent it goes
    /// with its last queue, however the process ends.
    ///
    /// @param name may contain `%d`, for which the kernel puts the first number that is free
    /// @param undo is told how to close them
    static List<TapFile> openAll(String name, int queues, TapOptions options, Undo undo) {
        List<TapFile> files = new ArrayList<>();
        String actual = name;
        for (int i = 0; i < queues; i++) {
            TapFile file = openFirstOrNext(actual, queues, options);
            undo.add(file::close);
            files.add(file);
            actual = file.interfaceName;
        }
        return List.copyOf(files);
    }

    /// A persistent interface may have been made for several queues, and yet one be enough.
    private static TapFile openFirstOrNext(String name, int queues, TapOptions options) {
        try {
            return open(name, options, queues > 1);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINVAL && queues == 1) {
                return open(name, options, true);
            }
            throw e;
        }
    }

    private static TapFile open(String name, TapOptions options, boolean several) {
        int fd = NetNamespace.call(options.namespace(), TapFile::openTun);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = NetInterface.request(arena, name);
            int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (several ? IFF_MULTI_QUEUE : 0);
            request.set(JAVA_SHORT, FLAGS, (short) flags);
            attach(fd, request, name);
            MemorySegment size = arena.allocateFrom(JAVA_INT, VnetHeader.BYTES);
            Ioctl.call(fd, TUNSETVNETHDRSZ, size, "set the header length of tap interface " + name);
            Ioctl.call(fd, TUNSETOFFLOAD, options.features(), "set the offloads of tap interface " + name);
            return new TapFile(fd, name(request));
        } catch (LinuxException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private static void attach(int fd, MemorySegment request, String name) {
        String tried = "open tap interface " + name;
        try {
            Ioctl.call(fd, TUNSETIFF, request, tried);
        } catch (LinuxException e) {
            throw switch (e.errno()) {
                case Errno.EINVAL ->
                    new LinuxException(
                            tried,
                            Errno.EINVAL,
                            "There is an interface of this name that is not a tap, or not one for several queues,"
                                    + " which 'ip tuntap add %s mode tap multi_queue' makes".formatted(name));
                case Errno.EBUSY -> new LinuxException(tried, Errno.EBUSY, "Another program has it open");
                default -> e;
            };
        }
    }

    private static int openTun() {
        try {
            return Fd.open(TUN, Fd.O_RDWR | Fd.O_NONBLOCK);
        } catch (LinuxException e) {
            String cure = e.errno() == Errno.EPERM || e.errno() == Errno.EACCES
                    ? Capability.NET_ADMIN.cure() + ". The user must also be able to read and write " + TUN
                    : "It takes the module tun: 'modprobe tun', and in a container --device=" + TUN;
            throw new LinuxException("open " + TUN, e.errno(), cure);
        }
    }

    private static String name(MemorySegment request) {
        byte[] bytes = request.asSlice(0, NetInterface.MAX_NAME).toArray(JAVA_BYTE);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        Fd.close(fd);
    }
}
