package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barewire.cli.Check.Verdict;
import org.barewire.core.device.DeviceName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortChecksTest {
    @TempDir
    private Path root;

    private MadeUpMachine machine;

    @BeforeEach
    void listeners() {
        machine = new MadeUpMachine(root)
                .write("proc/net/unix", """
                        Num       RefCount Protocol Flags    Type St Inode Path
                        0000000000000000: 00000002 00000000 00010000 0005 01 111 /run/memif.sock
                        0000000000000000: 00000002 00000000 00010000 0001 01 222 /run/vhost.sock
                        0000000000000000: 00000002 00000000 00010000 0005 01 333 @abstract
                        0000000000000000: 00000003 00000000 00000000 0001 03 444 /run/connected.sock
                        """)
                .write("run/memif.sock", "")
                .write("run/vhost.sock", "")
                .write("proc/7/comm", "testpmd\n")
                .link("proc/7/fd/3", "socket:[111]");
    }

    private List<Check> checks(String name) {
        return PortChecks.run(machine.files(), DeviceName.parse(name));
    }

    private Check only(String name) {
        assertThat(checks(name)).hasSize(1);
        return checks(name).getFirst();
    }

    @Test
    void whoListensIsNamed() {
        assertThat(only("memif:/run/memif.sock"))
                .isEqualTo(Check.ok("socket", "testpmd (7) listens on /run/memif.sock"));
        assertThat(only("virtio-user:/run/vhost.sock").finding()).contains("a process of another user");
        assertThat(only("memif:@abstract").verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void aListenerOfAnotherKindIsNoPeer() {
        assertThat(checks("memif:/run/vhost.sock").getLast().verdict()).isEqualTo(Verdict.MISSING);
        assertThat(checks("virtio-user:/run/memif.sock").getLast().finding()).contains("does not speak virtio-user");
    }

    @Test
    void aPeerThatIsStillToComeIsNoObstacle() {
        Check check = only("memif:/run/later.sock");
        assertThat(check.verdict()).isEqualTo(Verdict.COULD_BE_BETTER);
        assertThat(check.finding()).contains("nobody listens on /run/later.sock yet");
        assertThat(check.cure()).contains("role=server");
    }

    @Test
    void aSocketThatItsMakerLeftIsTold() throws IOException {
        Path socket = root.resolve("run/left.sock");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        assertThat(only("virtio-user:/run/left.sock").cure()).startsWith("rm /run/left.sock; then start");
        assertThat(only("virtio-user:/run/memif.sock?server=yes").verdict()).isEqualTo(Verdict.MISSING);
    }

    @Test
    void whereThisEndListensMustBeFree() {
        assertThat(only("memif:/run/new.sock?role=server").verdict()).isEqualTo(Verdict.OK);
        assertThat(only("vhost-user:/run/vhost.sock").finding()).contains("listens on /run/vhost.sock already");
        assertThat(only("vhost-user:/none/new.sock").finding()).contains("none is not there");
    }

    @Test
    void tapsAndPacketSocketsAreLookedAt() throws IOException {
        assertThat(checks("tap:bw0").getFirst().cure()).contains("modprobe tun");
        machine.write("dev/net/tun", "")
                .write("sys/class/net/kept/tun_flags", "0x5002\n")
                .write("sys/class/net/kept/owner", "1000\n")
                .write("sys/class/net/eth0/flags", "0x1002\n");
        assertThat(checks("tap:kept").getLast().finding()).contains("belongs to user 1000");
        assertThat(checks("tap:eth0").getLast().finding()).contains("is no tap interface");
        assertThat(checks("afpacket:eth0").getLast().cure()).isEqualTo("sudo ip link set eth0 up");
        assertThat(checks("afpacket:eth7").getLast().verdict()).isEqualTo(Verdict.MISSING);
        assertThat(checks("tap:x?netns=none").get(1).cure()).isEqualTo("sudo ip netns add none");
    }

    @Test
    void captureFilesAreLookedAt() throws IOException {
        Files.write(root.resolve("in.pcap"), new byte[24]);
        assertThat(only("pcap:/in.pcap").finding()).isEqualTo("/in.pcap, 24 bytes");
        assertThat(only("pcap:/out.pcap").cure()).isEqualTo("to write it: pcap:/out.pcap?write=yes");
        assertThat(only("pcap:/in.pcap?write=yes").finding()).contains("is replaced");
        assertThat(only("pcap:/none/out.pcap?write=yes").verdict()).isEqualTo(Verdict.MISSING);
    }

    @Test
    void ofOtherNamesNothingIsKnown() {
        assertThat(checks("sim:a")).isEmpty();
        assertThat(only("null:").verdict()).isEqualTo(Verdict.OK);
    }
}
