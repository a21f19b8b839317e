package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Holds what left a device for {@link Requests} against what tshark says of it.
final class SentFrames {
    private static final String GOOD = "1";

    private SentFrames() {}

    /// Every checksum is right, every tag is there, no frame is longer than asked for, and each case's
    /// payload is complete, `rounds` times.
    static void check(Path capture, int rounds) throws IOException, InterruptedException {
        Map<Integer, Long> bytes = new HashMap<>();
        for (String line : tshark(capture)) {
            String[] fields = line.split("\t", -1);
            int number = Integer.parseInt(fields[0] + fields[1]) - Requests.FIRST_PORT;
            Requests.Case wanted = Requests.CASES.get(number);
            byte[] payload = HexFormat.of().parseHex(wanted.tcp() ? fields[6] : fields[7]);
            assertThat(fields[2]).as("IPv4 checksum of %s", wanted).isEqualTo(wanted.ipv6() ? "" : GOOD);
            assertThat(fields[3] + fields[4]).as("checksum of %s", wanted).isEqualTo(GOOD);
            assertThat(fields[8]).as("tag of %s", wanted).isEqualTo(wanted.tagged() ? "100" : "");
            assertThat(fields[9]).as("priority of %s", wanted).isEqualTo(wanted.tagged() ? "1" : "");
            if (wanted.cut()) {
                assertThat(payload.length).as("payload of %s", wanted).isLessThanOrEqualTo(Requests.SEGMENT_SIZE);
            }
            int first = wanted.tcp() ? Integer.parseInt(fields[5]) : 0;
            for (int i = 0; i < payload.length; i++) {
                assertThat(payload[i]).as("byte %d of %s", first + i, wanted).isEqualTo((byte) (first + i));
            }
            bytes.merge(number, (long) payload.length, Long::sum);
        }
        for (int i = 0; i < Requests.CASES.size(); i++) {
            Requests.Case wanted = Requests.CASES.get(i);
            assertThat(bytes.get(i)).as("payload of %s", wanted).isEqualTo((long) rounds * wanted.payload());
        }
    }

    private static List<String> tshark(Path capture) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "tshark -n -T fields -Y tcp.dstport==9||udp.dstport==9 -o ip.check_checksum:TRUE -o"
                                .concat(" tcp.check_checksum:TRUE -o udp.check_checksum:TRUE")
                                .concat(" -o tcp.relative_sequence_numbers:FALSE -o tcp.desegment_tcp_streams:FALSE")
                                .concat(" -e tcp.srcport -e udp.srcport -e ip.checksum.status -e tcp.checksum.status")
                                .concat(" -e udp.checksum.status -e tcp.seq_raw -e tcp.payload -e udp.payload")
                                .concat(" -e vlan.id -e vlan.priority -r " + capture)
                                .split(" "))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output = process.inputReader()) {
            List<String> lines = output.lines().toList();
            assertThat(process.waitFor()).isZero();
            return lines;
        }
    }
}
