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

    /// What a frame has of a case's payload.
    private record Piece(Requests.Case sent, int from, int bytes) {}

    /// Every checksum is right, every tag is there, every byte is in its place, and each piece of each case has
    /// come `rounds` times, cut where it was asked to be.
    ///
    /// @param emptyLast true if an empty frame may follow a last piece that is a whole one, as from QEMU's 82540EM
    static void check(Path capture, int rounds, boolean emptyLast) throws IOException, InterruptedException {
        Map<Piece, Integer> pieces = new HashMap<>();
        for (String line : tshark(capture)) {
            String[] fields = line.split("\t", -1);
            int number = Integer.parseInt(fields[0] + fields[1]) - Requests.FIRST_PORT;
            Requests.Case sent = Requests.CASES.get(number);
            byte[] payload = HexFormat.of().parseHex(sent.tcp() ? fields[6] : fields[7]);
            assertThat(fields[2]).as("IPv4 checksum of %s", sent).isEqualTo(sent.ipv6() ? "" : GOOD);
            assertThat(fields[3] + fields[4]).as("checksum of %s", sent).isEqualTo(GOOD);
            assertThat(fields[8]).as("tag of %s", sent).isEqualTo(sent.tagged() ? "100" : "");
            assertThat(fields[9]).as("priority of %s", sent).isEqualTo(sent.tagged() ? "1" : "");
            int from = sent.tcp() ? Integer.parseInt(fields[5]) : 0;
            for (int i = 0; i < payload.length; i++) {
                assertThat(payload[i]).as("byte %d of %s", from + i, sent).isEqualTo((byte) (from + i));
            }
            if (payload.length > 0 || !emptyLast) {
                pieces.merge(new Piece(sent, from, payload.length), 1, Integer::sum);
            }
        }
        assertThat(pieces).containsExactlyInAnyOrderEntriesOf(expected(rounds));
    }

    private static Map<Piece, Integer> expected(int rounds) {
        Map<Piece, Integer> pieces = new HashMap<>();
        for (Requests.Case sent : Requests.CASES) {
            for (int from = 0; from < sent.payload(); from += sent.piece()) {
                pieces.put(new Piece(sent, from, Math.min(sent.piece(), sent.payload() - from)), rounds);
            }
        }
        return pieces;
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
