package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// One queue of a tap interface: an open `/dev/net/tun` (`linux/if_tun.h`,
/// `Documentation/networking/tuntap.rst`).
///
/// @param fd            non-blocking; a read takes one packet, a write gives one, a virtio-net header in front
/// @param interfaceName the interface that it belongs to
public record TapFile(int fd, String interfaceName) implements AutoCloseable {
    /// Checksums may be left to be filled in.
    public static final int CHECKSUM = 1;
    /// TCP segmentation may be left to be done, on IPv4 and IPv6, with ECN.
    public static final int SEGMENTATION = 2 | 4 | 8;

    private static final String TUN = "/dev/net/tun";

    private static final long TUNSETIFF = 0x400454CAL;
    private static final long TUNSETOFFLOAD = 0x400454D0L;
    private static final long TUNSETVNETHDRSZ = 0x400454D8L;

    private static final int IFF_TAP = 0x0002;
    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int FLAGS = 16; // of struct ifreq

    /// Opens a queue of an interface, which comes to be if it isn't there; unless it is persistent it goes with
    /// its last queue, however the process ends.
    ///
    /// @param name        may contain `%d`, for which the kernel puts the first number that is free
    /// @param namespace   the network namespace of the interface; empty for the process's own
    /// @param several     whether the interface is one of several queues
    /// @param headerBytes of the virtio-net header
    /// @param features    work that the kernel may leave to who reads: a sum of the constants
    public static TapFile open(String name, String namespace, boolean several, int headerBytes, int features) {
        int fd = NetNamespace.call(namespace, TapFile::openTun);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = NetInterface.request(arena, name);
            int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (several ? IFF_MULTI_QUEUE : 0);
            request.set(JAVA_SHORT, FLAGS, (short) flags);
            attach(fd, request, name);
            MemorySegment size = arena.allocateFrom(JAVA_INT, headerBytes);
            Ioctl.call(fd, TUNSETVNETHDRSZ, size, "set the header length of tap interface " + name);
            Ioctl.call(fd, TUNSETOFFLOAD, features, "set the offloads of tap interface " + name);
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
