package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Fd;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Child;
import org.barewire.drivers.peer.Kills;
import org.barewire.drivers.peer.Leaks;
import org.barewire.drivers.peer.NetNs;
import org.barewire.drivers.peer.Numbered;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Ports that end, and interfaces that go away under them.
@Tag("peer")
class AfxdpLifeTest {
    private final long[] packets = new long[64];

    private static long count(String folder) {
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            return files.count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Mappings of sockets and of packet memory.
    private static long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("socket:") || line.contains("memfd:barewire"))
                    .count();
        }
    }

    @Test
    void aHundredOpeningsLeaveNothingBehind() throws IOException {
        try (Veth veth = Veth.create("hundred")) {
            long fds = 0;
            long mappings = 0;
            int regions = 0;
            for (int i = 0; i < 101; i++) {
                try (NetDevice left = veth.openLeft("&pool=512");
                        NetDevice right = veth.openRight("&pool=512");
                        PacketPool pool = PacketPool.create(PacketMemory.standard(), 512)) {
                    Numbered numbered = new Numbered(pool, 100, 60, 1514, i);
                    RxQueue rx = right.rx(0);
                    numbered.exchange(left.tx(0), rx, 32);
                    assertThat(numbered.complaints()).isEmpty();
                }
                if (i == 0) { // what is made once and stays has been made
                    fds = count("/proc/self/fd");
                    mappings = mappings();
                    regions = PacketMemory.standard().regions().size();
                }
            }
            assertThat(count("/proc/self/fd")).isEqualTo(fds);
            assertThat(mappings()).isEqualTo(mappings);
            assertThat(PacketMemory.standard().regions()).hasSize(regions);
            assertThat(veth.left().run("ip", "link", "show", "port0")).doesNotContain("prog/xdp");
        }
    }

    /// A queue without a redirect would wait for packets for ever.
    @Test
    void aQueueThatTheMapDoesNotTakeIsNotGiven() throws IOException {
        try (Veth veth = Veth.create("map");
                NetDevice left = veth.openLeft("")) {
            int map = descriptorOf("anon_inode:bpf-map");
            Fd.close(map);
            takeDescriptor(map); // closed with the port
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> left.rx(0))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageStartingWith("afxdp:port0, queue 0 gets no packets: ");
            }
        }
    }

    /// Opens something that has this number, which is free.
    private static void takeDescriptor(int number) {
        List<Integer> others = new ArrayList<>();
        int opened = Fd.open("/dev/null", Fd.O_RDONLY);
        while (opened < number) {
            others.add(opened);
            opened = Fd.open("/dev/null", Fd.O_RDONLY);
        }
        others.forEach(Fd::close);
        assertThat(opened).isEqualTo(number);
    }

    private static int descriptorOf(String target) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)
                        && Files.readSymbolicLink(file).toString().equals(target)) {
                    return Integer.parseInt(file.getFileName().toString());
                }
            }
        }
        throw new AssertionError("no descriptor is open of " + target);
    }

    @Test
    void aPortThatIsClosedInMidTrafficGivesAllPacketsBack() {
        int regions = PacketMemory.standard().regions().size();
        try (Veth veth = Veth.create("close");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
            for (int i = 0; i < 10; i++) {
                try (NetDevice left = veth.openLeft("");
                        NetDevice right = veth.openRight("")) {
                    right.rx(0);
                    fill(left.tx(0), pool, 20);
                }
                assertThat(pool.available()).isEqualTo(pool.slots());
            }
        }
        assertThat(PacketMemory.standard().regions()).hasSize(regions);
    }

    /// Sends bursts of what the pool has.
    private void fill(TxQueue tx, PacketPool pool, int bursts) {
        for (int i = 0; i < bursts; i++) {
            int n = pool.allocate(packets, 0, packets.length);
            for (int k = 0; k < n; k++) {
                packets[k] = Packet.resize(packets[k], 60);
            }
            tx.sendOrRelease(packets, n);
        }
    }

    @Tag("survival")
    @Test
    void aKilledProcessLeavesAnInterfaceThatWorks() {
        try (Veth veth = Veth.create("kill").withAddresses();
                NetDevice left = veth.openLeft("&match=udp");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
            String device = "afxdp:port1?netns=" + veth.right().name();
            for (int kill = 0; kill < Kills.COUNT; kill++) {
                try (Child child = Child.start(device)) {
                    assertThat(child.line()).isEqualTo(Child.OPEN);
                    assertThat(veth.right().run("ip", "link", "show", "port1")).contains("prog/xdp");
                    assertThat(sockets(veth.right())).isPositive();
                    fill(left.tx(0), pool, 100);
                }
                assertThat(veth.right().run("ip", "link", "show", "port1")).doesNotContain("prog/xdp");
                assertThat(sockets(veth.right())).isZero();
                assertThat(veth.left().run("ping", "-c", "5", "-i", "0.01", "10.77.0.2"))
                        .contains(" 0% packet loss");
            }
        }
    }

    /// AF_XDP sockets in a namespace.
    private static long sockets(NetNs side) {
        return side.run("cat", "/proc/net/protocols")
                .lines()
                .filter(line -> line.startsWith("XDP "))
                .mapToLong(line -> Long.parseLong(line.split(" +", -1)[2]))
                .sum();
    }

    @Tag("survival")
    @Test
    void anInterfaceThatIsSetDownAndUpCarriesPacketsAgain() throws IOException {
        try (Veth veth = Veth.create("down");
                NetDevice left = veth.openLeft("");
                NetDevice right = veth.openRight("");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
            TxQueue tx = left.tx(0);
            RxQueue rx = right.rx(0);
            Leaks before = Leaks.now(PacketMemory.standard());
            for (int round = 0; round < Kills.COUNT; round++) {
                NetNs side = round % 2 == 0 ? veth.right() : veth.left();
                String port = round % 2 == 0 ? "port1" : "port0";
                fill(tx, pool, 50);
                side.run("ip", "link", "set", port, "down");
                fill(tx, pool, 50);
                awaitDown(left);
                awaitDown(right);
                side.run("ip", "link", "set", port, "up");
                assertThat(left.awaitLink(java.time.Duration.ofSeconds(10))).isTrue();
                tx.reclaim();
                drain(rx);
                Numbered numbered = new Numbered(pool, 1000, 60, 1514, 1);
                numbered.exchange(tx, rx, 64);
                assertThat(numbered.complaints()).isEmpty();
                assertThat(tx.reclaim()).isZero();
                assertThat(pool.available()).isEqualTo(pool.slots());
            }
            before.assertNoMore(PacketMemory.standard());
        }
    }

    /// The kernel tells the end that stays up a little later.
    private static void awaitDown(NetDevice device) {
        long start = System.nanoTime();
        while (device.link().up()) {
            assertThat(System.nanoTime() - start)
                    .as("nanoseconds until the link is down")
                    .isLessThan(10_000_000_000L);
        }
    }

    private void drain(RxQueue rx) {
        int n;
        do {
            n = rx.receive(packets);
            PacketPool.release(packets, 0, n);
        } while (n > 0);
    }

    @Tag("survival")
    @Test
    void anInterfaceThatIsDeletedUnderTrafficTakesNothingWithIt() {
        deleteUnderTraffic(); // what is made once and stays has been made
        Leaks before = Leaks.now(PacketMemory.standard());
        for (int round = 0; round < Kills.COUNT; round++) {
            deleteUnderTraffic();
        }
        before.assertNoMore(PacketMemory.standard());
    }

    private void deleteUnderTraffic() {
        try (Veth veth = Veth.create("delete");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
            try (NetDevice left = veth.openLeft("");
                    NetDevice right = veth.openRight("")) {
                TxQueue tx = left.tx(0);
                RxQueue rx = right.rx(0);
                fill(tx, pool, 20);
                veth.left().run("ip", "link", "delete", "port0");
                fill(tx, pool, 20);
                drain(rx);
                tx.reclaim();
                assertThat(rx.receive(packets)).isZero();
                assertThat(left.link().reason()).contains("gone");
                assertThat(right.link().reason()).contains("gone");
                left.statistics();
            }
            assertThat(pool.available()).isEqualTo(pool.slots());
        }
    }

    @Test
    void withoutCapabilitiesTheMessageSaysWhichAndHow() {
        try (Veth veth = Veth.create("nobody")) {
            try (Child child = nobody(veth)) {
                assertThat(child.line())
                        .startsWith("afxdp:port0: ")
                        .contains("CAP_NET_RAW", "CAP_NET_ADMIN", "CAP_BPF", "setpriv");
            }
            try (Child child = nobody(veth, "net_raw", "bpf")) {
                assertThat(child.line()).contains("CAP_NET_ADMIN is missing").doesNotContain("CAP_BPF", "CAP_NET_RAW");
            }
            try (Child child = nobody(veth, "net_raw", "net_admin", "bpf")) {
                assertThat(child.line()).isEqualTo(Child.OPEN);
            }
        }
    }

    private static Child nobody(Veth veth, String... capabilities) {
        String namespace = veth.left().name(); // not more buffers than a user without privileges may lock
        return Child.startAsNobody("afxdp:port0?pool=1024", List.of(capabilities), "ip", "netns", "exec", namespace);
    }
}
