package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/// BPF maps, programs and links (`bpf(2)`, `linux/bpf.h`, `Documentation/bpf/`).
///
/// Each is a file descriptor that the caller owns and closes with {@link Fd#close}; the kernel opens them
/// close-on-exec. Any thread may call; every failure throws {@link LinuxException}.
public final class Bpf {
    /// Maps a queue's number to an AF_XDP socket.
    public static final int MAP_TYPE_XSKMAP = 17;
    /// Looks at packets as a network driver receives them.
    public static final int PROGRAM_TYPE_XDP = 6;
    /// The program copes with packets in several buffers (since Linux 5.18).
    public static final int XDP_HAS_FRAGS = 1 << 5;

    /// Attaches behind the driver, to packets that the kernel has put in a buffer of its own already.
    public static final int XDP_FLAGS_SKB_MODE = 1 << 1;
    /// Attaches in the driver.
    public static final int XDP_FLAGS_DRV_MODE = 1 << 2;

    /// What an XDP program answers for a packet that is dropped.
    public static final int XDP_DROP = 1;
    /// What an XDP program answers for a packet that is the kernel's.
    public static final int XDP_PASS = 2;

    private static final long SYS_BPF = 321;
    private static final int MAP_CREATE = 0;
    private static final int MAP_UPDATE_ELEM = 2;
    private static final int MAP_DELETE_ELEM = 3;
    private static final int PROG_LOAD = 5;
    private static final int PROG_TEST_RUN = 10;
    private static final int LINK_CREATE = 28;
    private static final int ATTACH_TYPE_XDP = 37;

    private static final int ATTRIBUTES = 128; // of union bpf_attr: more than any command here has
    private static final int MAX_NAME = 15;
    private static final int LOG = 64 << 10;
    private static final int LOG_SHOWN = 400;

    private static final MethodHandle SYSCALL =
            Native.function("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));

    private Bpf() {}

    /// Creates a map and returns its descriptor.
    ///
    /// @param name for people (`bpftool map`), 15 letters, digits and underscores at most
    public static int createMap(int type, int keyBytes, int valueBytes, int entries, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            attributes.set(JAVA_INT, 0, type);
            attributes.set(JAVA_INT, 4, keyBytes);
            attributes.set(JAVA_INT, 8, valueBytes);
            attributes.set(JAVA_INT, 12, entries);
            setName(attributes, 28, name);
            return checked(call(MAP_CREATE, attributes), "create a BPF map of type %d".formatted(type));
        }
    }

    /// Sets an entry of a map whose keys and values are `int`s.
    public static void put(int map, int key, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = entry(arena, map, key);
            attributes.set(ADDRESS, 16, arena.allocateFrom(JAVA_INT, value));
            checked(call(MAP_UPDATE_ELEM, attributes), "set entry %d of BPF map %d".formatted(key, map));
        }
    }

    /// Removes an entry of a map whose keys are `int`s.
    ///
    /// @throws LinuxException with ENOENT if there is none
    public static void remove(int map, int key) {
        try (Arena arena = Arena.ofConfined()) {
            checked(call(MAP_DELETE_ELEM, entry(arena, map, key)), "remove entry %d of BPF map %d".formatted(key, map));
        }
    }

    private static MemorySegment entry(Arena arena, int map, int key) {
        MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
        attributes.set(JAVA_INT, 0, map);
        attributes.set(ADDRESS, 8, arena.allocateFrom(JAVA_INT, key));
        return attributes;
    }

    /// Loads a program and returns its descriptor.
    ///
    /// @param instructions in the kernel's encoding, `struct bpf_insn`, one in each `long`
    /// @param flags        such as {@link #XDP_HAS_FRAGS}
    /// @param name         for people (`bpftool prog`), 15 letters, digits and underscores at most
    /// @throws LinuxException with the end of the verifier's log if the kernel refuses the program
    public static int loadProgram(int type, long[] instructions, int flags, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(LOG);
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            attributes.set(JAVA_INT, 0, type);
            attributes.set(JAVA_INT, 4, instructions.length);
            attributes.set(ADDRESS, 8, arena.allocateFrom(JAVA_LONG, instructions));
            attributes.set(ADDRESS, 16, arena.allocateFrom("Apache-2.0"));
            attributes.set(JAVA_INT, 24, 1);
            attributes.set(JAVA_INT, 28, LOG);
            attributes.set(ADDRESS, 32, log);
            attributes.set(JAVA_INT, 44, flags);
            setName(attributes, 48, name);
            int fd = call(PROG_LOAD, attributes);
            String said = fd >= 0 ? "" : log.getString(0).strip();
            if (said.isEmpty()) {
                return checked(fd, "load BPF program " + name);
            }
            String end = said.substring(Math.max(0, said.length() - LOG_SHOWN));
            throw new LinuxException("load BPF program " + name, Native.errno(), "The verifier says: " + end);
        }
    }

    /// Runs an XDP program on a frame (`Documentation/bpf/bpf_prog_run.rst`) and returns its answer.
    public static int run(int program, byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            attributes.set(JAVA_INT, 0, program);
            attributes.set(JAVA_INT, 8, frame.length);
            attributes.set(ADDRESS, 16, arena.allocateFrom(JAVA_BYTE, frame));
            attributes.set(JAVA_INT, 32, 1);
            checked(call(PROG_TEST_RUN, attributes), "run a BPF program on %d bytes".formatted(frame.length));
            return attributes.get(JAVA_INT, 4);
        }
    }

    /// Attaches an XDP program to an interface of the calling thread's network namespace, and returns the
    /// link: when it is closed, by whatever ends the process, the program is detached.
    ///
    /// @param flags {@link #XDP_FLAGS_SKB_MODE} or {@link #XDP_FLAGS_DRV_MODE}
    public static int attachXdp(int program, int interfaceIndex, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
            attributes.set(JAVA_INT, 0, program);
            attributes.set(JAVA_INT, 4, interfaceIndex);
            attributes.set(JAVA_INT, 8, ATTACH_TYPE_XDP);
            attributes.set(JAVA_INT, 12, flags);
            return checked(call(LINK_CREATE, attributes), "attach an XDP program");
        }
    }

    private static void setName(MemorySegment attributes, long offset, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, attributes, offset, Math.min(bytes.length, MAX_NAME));
    }

    private static int call(int command, MemorySegment attributes) {
        try {
            return (int)
                    (long) SYSCALL.invokeExact(Native.state(), SYS_BPF, (long) command, attributes, (long) ATTRIBUTES);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static int checked(int result, String whatWasTried) {
        if (result < 0) {
            throw Native.failure(whatWasTried);
        }
        return result;
    }
}
