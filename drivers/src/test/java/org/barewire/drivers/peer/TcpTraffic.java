package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// TCP between two namespaces: iperf3, files, and what tcpdump and tshark say of the packets.
public final class TcpTraffic {
    private static final Pattern RATE =
            Pattern.compile("\"sum_received\":\\s*\\{[^}]*?\"bits_per_second\":\\s*([0-9.e+]+)");

    private TcpTraffic() {}

    /// Sends `megabytes` from `client` to `address` in `server`.
    ///
    /// @return bits per second
    public static double transfer(NetNs client, NetNs server, String address, int megabytes) throws Exception {
        Process listener = server.start("iperf3", "-s", "-1", "--forceflush");
        try {
            awaitLine(listener, "listening");
            String report = client.run("timeout", "30", "iperf3", "-c", address, "-n", megabytes + "M", "-J");
            Matcher rate = RATE.matcher(report);
            assertThat(rate.find()).as(report).isTrue();
            return Double.parseDouble(rate.group(1));
        } finally {
            listener.destroyForcibly();
        }
    }

    /// Sends a file from `client` to `address` in `server`, over TCP; fails unless it arrives as it is.
    public static void copy(NetNs client, NetNs server, String address, Path file, Path target) throws Exception {
        Process listener = server.start("python3", "-c", """
                import shutil, socket, sys
                with socket.create_server(("", 5301)) as listener:
                    print("listening", flush=True)
                    with listener.accept()[0] as peer, open(sys.argv[1], "wb") as out:
                        shutil.copyfileobj(peer.makefile("rb"), out)
                """, target.toString());
        awaitLine(listener, "listening");
        client.run("timeout", "30", "python3", "-c", """
                import socket, sys
                with socket.create_connection((sys.argv[1], 5301)) as peer, open(sys.argv[2], "rb") as file:
                    peer.sendfile(file)
                """, address, file.toString());
        assertThat(listener.waitFor()).isZero();
        assertThat(Files.mismatch(file, target)).isEqualTo(-1);
    }

    private static void awaitLine(Process process, String text) throws IOException {
        var lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.contains(text)) {
            line = lines.readLine();
        }
        assertThat(line).as("the peer did not start").isNotNull();
    }

    /// Starts to capture what arrives at an interface, whole, in a file.
    public static Process capture(NetNs where, String device, Path file) throws Exception {
        Process tcpdump = where.start(
                "tcpdump", "-i", device, "-Q", "in", "-U", "-B", "131072", "-Z", "root", "-w", file.toString());
        awaitLine(tcpdump, "listening");
        return tcpdump;
    }

    /// What tshark says of the TCP packets of a file.
    ///
    /// @param good how many have the right IP and TCP checksums
    /// @param bad  how many don't. 0xFFFF in place of 0, which Linux writes, is not counted as bad.
    public record Checksums(int good, int bad) {}

    /// Has tshark check the checksums of a file.
    public static Checksums check(Path file) {
        String output = NetNs.command(
                "tshark",
                "-n",
                "-o",
                "tcp.check_checksum:TRUE",
                "-o",
                "ip.check_checksum:TRUE",
                "-o",
                "tcp.desegment_tcp_streams:FALSE",
                "-r",
                file.toString(),
                "-Y",
                "tcp && tcp.checksum != 0xffff",
                "-T",
                "fields",
                "-e",
                "tcp.checksum.status",
                "-e",
                "ip.checksum.status");
        int good = 0;
        int bad = 0;
        for (String line : output.lines().filter(l -> l.matches("\\d\t\\d")).toList()) {
            if (line.equals("1\t1")) {
                good++;
            } else {
                bad++;
            }
        }
        return new Checksums(good, bad);
    }
}
