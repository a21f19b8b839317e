package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.barewire.core.memory.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// No content of a packet makes a header class throw, or read or write outside of the packet. Packets lie at
/// the very end or the very beginning of mapped memory, which is checked.
@Tag("checked")
class HostileInputTest {
    /// `-Dbarewire.mutations=100000` for slow runs, under `-Xint` for instance.
    private static final int MUTATIONS = Integer.getInteger("barewire.mutations", 10_000_000);

    private static final int LONGEST = 256;
    private static final int[] NASTY = {0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0F, 0x3F, 0x40, 0x45, 0x60, 0x7F, 0x80, 0xFE, 0xFF
    };

    private final EdgeOfMemory memory = new EdgeOfMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void everyTruncationOfEveryValidFrameIsSurvived() {
        for (Map.Entry<String, byte[]> frame : ValidFrames.all().entrySet()) {
            for (int length = 0; length <= frame.getValue().length; length++) {
                byte[] truncated = Arrays.copyOf(frame.getValue(), length);
                long packet = memory.atEnd(truncated);
                visit(packet, Packet.address(packet) - Long.BYTES, truncated);
                for (int offset = 0; offset <= length + 1; offset++) {
                    EveryAccessor.readAt(packet, offset);
                }
            }
        }
    }

    @Test
    void aTruncatedIpPacketIsMalformed() {
        for (String name : new String[] {"ipv4-udp", "ipv4-tcp", "ipv6-extensions", "vlan-twice", "arp"}) {
            byte[] frame = ValidFrames.named(name);
            for (int length = 0; length < frame.length; length++) {
                long headers = Headers.parse(memory.atEnd(Arrays.copyOf(frame, length)));
                assertThat(Headers.isMalformed(headers))
                        .as("%s cut to %d", name, length)
                        .isTrue();
            }
        }
    }

    @Test
    void everyValueOfEveryByteOfEveryValidFrameIsSurvived() {
        for (byte[] frame : ValidFrames.all().values()) {
            for (int at = 0; at < frame.length; at++) {
                for (int value = 0; value < 256; value++) {
                    byte[] mutant = frame.clone();
                    mutant[at] = (byte) value;
                    long packet = memory.atEnd(mutant);
                    visit(packet, Packet.address(packet) - Long.BYTES, mutant);
                }
            }
        }
    }

    @Test
    void millionsOfMutationsAreSurvived() {
        byte[][] frames = ValidFrames.all().values().toArray(byte[][]::new);
        SplittableRandom random = new SplittableRandom(82599);
        long malformed = 0;
        long readable = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] mutant = mutate(frames[i % frames.length], random);
            boolean end = (i & 1) == 0;
            long packet = end ? memory.atEnd(mutant) : memory.atStart(mutant);
            long guard = Packet.address(packet) + (end ? -Long.BYTES : mutant.length);
            long headers = Headers.parse(packet);
            malformed += Headers.isMalformed(headers) ? 1 : 0;
            readable += Headers.transportHeaderLength(headers) != 0 ? 1 : 0;
            EveryAccessor.readAt(packet, random.nextInt(mutant.length + 2));
            visit(packet, guard, mutant);
        }
        assertThat(malformed).as("mutations reach the branches for bad packets").isGreaterThan(MUTATIONS / 10);
        assertThat(readable).as("mutations leave transport headers to be read").isGreaterThan(MUTATIONS / 10);
    }

    private static byte[] mutate(byte[] frame, SplittableRandom random) {
        int length = random.nextInt(4) == 0 ? random.nextInt(Math.min(LONGEST, 2 * frame.length)) : frame.length;
        byte[] mutant = Arrays.copyOf(frame, length);
        int changes = length == 0 ? 0 : 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(length);
            mutant[at] = switch (random.nextInt(3)) {
                case 0 -> (byte) random.nextInt(256);
                case 1 -> (byte) NASTY[random.nextInt(NASTY.length)];
                default -> (byte) (mutant[at] ^ 1 << random.nextInt(8));
            };
        }
        return mutant;
    }

    /// Reads and writes all of it; the eight bytes at `guard`, beside the packet, must not be written.
    private static void visit(long packet, long guard, byte[] bytes) {
        try {
            Memory.putLong(guard, 0);
            EveryAccessor.read(packet);
            EveryAccessor.write(packet);
            if (Memory.getLong(guard) != 0) {
                throw new AssertionError("written outside of the packet");
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("with this packet:%n%s".formatted(Hexdump.sideBySide(bytes, bytes)), e);
        }
    }
}
