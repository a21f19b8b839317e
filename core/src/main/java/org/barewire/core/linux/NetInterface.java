package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// A network interface of the kernel: its index, flags, MTU and address (`linux/if.h`, `linux/sockios.h`,
/// `netdevice(7)`).
///
/// Every question is answered by the kernel anew, by name, so an interface that has gone throws
/// {@link LinuxException} with ENODEV, and one that came back under the same name has another
/// {@link #index}. Any thread may call.
public final class NetInterface implements AutoCloseable {
    /// Bytes in a `struct ifreq`.
    public static final int IFREQ_BYTES = 40;
    /// The longest name of an interface, in bytes.
    public static final int MAX_NAME = 15;

    /// Somebody brought it up.
    public static final int UP = 1;
    /// It has a carrier, and somebody brought it up.
    public static final int RUNNING = 0x40;
    /// It receives frames for all addresses.
    public static final int PROMISCUOUS = 0x100;

    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int SIOCGIFMTU = 0x8921;
    private static final int SIOCSIFMTU = 0x8922;
    private static final int SIOCSIFHWADDR = 0x8924;
    private static final int SIOCGIFHWADDR = 0x8927;
    private static final int SIOCGIFINDEX = 0x8933;
    private static final int SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_GSET = 1;
    private static final int ETHTOOL_CMD_BYTES = 44;
    private static final int ARPHRD_ETHER = 1;
    private static final int ARPHRD_LOOPBACK = 772; // Ethernet frames too, with addresses of zeros

    private static final int VALUE = 16; // of struct ifreq: behind the name
    private static final ValueLayout.OfLong LONG_BE = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final String name;
    private final int control; // a socket of the interface's namespace
    private boolean closed;

    private NetInterface(String name, int control) {
        this.name = name;
        this.control = control;
    }

    /// The interface of a name, in a {@linkplain NetNamespace named namespace} or, if that is empty, in the
    /// process's own. It need not be there yet.
    public static NetInterface open(String name, String namespace) {
        checkName(name);
        return new NetInterface(
                name, NetNamespace.call(namespace, () -> Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM, 0)));
    }

    /// A `struct ifreq` with a name in it and zeros behind.
    public static MemorySegment request(Arena arena, String name) {
        MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
        MemorySegment.copy(
                MemorySegment.ofArray(checkName(name).getBytes(StandardCharsets.UTF_8)),
                0,
                request,
                0,
                nameBytes(name));
        return request;
    }

    public String name() {
        return name;
    }

    /// The number that the kernel knows it by, for as long as it exists.
    public int index() {
        return get(SIOCGIFINDEX, "find");
    }

    /// {@link #UP}, {@link #RUNNING} and the others of `IFF_…`.
    public int flags() {
        return get(SIOCGIFFLAGS, "read the flags of") & 0xFFFF;
    }

    /// Sets the flags of `mask` to those of `value`.
    public void setFlags(int mask, int value) {
        set(SIOCSIFFLAGS, flags() & ~mask | value & mask, "set the flags of");
    }

    /// The largest network-layer packet, in bytes.
    public int mtu() {
        return get(SIOCGIFMTU, "read the MTU of");
    }

    public void setMtu(int bytes) {
        set(SIOCSIFMTU, bytes, "set the MTU to %d of".formatted(bytes));
    }

    /// Its Ethernet address, the first byte on the wire in bits 47 to 40.
    ///
    /// @throws LinuxException with EINVAL if it is not an Ethernet interface
    public long macAddress() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            call(SIOCGIFHWADDR, request, "read the address of");
            int hardware = Short.toUnsignedInt(request.get(JAVA_SHORT, VALUE));
            if (hardware != ARPHRD_ETHER && hardware != ARPHRD_LOOPBACK) {
                throw new LinuxException(
                        "read the Ethernet address of " + name, Errno.EINVAL, "It is not an Ethernet interface");
            }
            return request.get(LONG_BE, VALUE + 2) >>> 16;
        }
    }

    /// Sets its Ethernet address.
    public void setMacAddress(long bits) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(JAVA_SHORT, VALUE, (short) ARPHRD_ETHER);
            request.set(LONG_BE, VALUE + 2, bits << 16);
            call(SIOCSIFHWADDR, request, "set the address of");
        }
    }

    /// What its driver says of its speed, or 0 if it does not say.
    public long bitsPerSecond() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment command = arena.allocate(ETHTOOL_CMD_BYTES, 8); // struct ethtool_cmd, linux/ethtool.h
            command.set(JAVA_INT, 0, ETHTOOL_GSET);
            ethtool(command, "read the speed of");
            int low = Short.toUnsignedInt(command.get(JAVA_SHORT, 12));
            int high = Short.toUnsignedInt(command.get(JAVA_SHORT, 28));
            int megabits = high << 16 | low;
            return megabits == -1 || megabits == 0xFFFF ? 0 : (megabits & 0xFFFF_FFFFL) * 1_000_000;
        } catch (LinuxException e) {
            return 0;
        }
    }

    /// Makes a request of the driver (`linux/ethtool.h`), whose number is the structure's first `int`.
    void ethtool(MemorySegment command, String verb) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(ValueLayout.ADDRESS, VALUE, command);
            call(SIOCETHTOOL, request, verb);
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Fd.close(control);
        }
    }

    private int get(int code, String verb) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            call(code, request, verb);
            return request.get(JAVA_INT, VALUE);
        }
    }

    private void set(int code, int value, String verb) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = request(arena, name);
            request.set(JAVA_INT, VALUE, value);
            call(code, request, verb);
        }
    }

    private void call(int code, MemorySegment request, String verb) {
        Ioctl.call(control, code, request, verb + " interface " + name);
    }

    private static String checkName(String name) {
        int bytes = nameBytes(name);
        if (bytes == 0 || bytes > MAX_NAME || name.indexOf('\0') >= 0 || name.contains("/")) {
            throw new LinuxException(
                    "use '%s' as the name of an interface".formatted(name),
                    Errno.EINVAL,
                    "It has 1 to %d bytes and no slash".formatted(MAX_NAME));
        }
        return name;
    }

    private static int nameBytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }
}
