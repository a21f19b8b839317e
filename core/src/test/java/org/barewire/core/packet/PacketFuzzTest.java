package org.barewire.core.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/// Fuzz targets. An ordinary test run replays the corpus that is kept in `PacketFuzzTestInputs`; with
/// `JAZZER_FUZZ=1` one target searches for a minute, and keeps there what it finds.
class PacketFuzzTest {
    private static final EdgeOfMemory MEMORY = new EdgeOfMemory();

    @FuzzTest(maxDuration = "1m")
    void anyBytesAsAPacket(byte[] data) {
        byte[] bytes = Arrays.copyOf(data, Math.min(data.length, Packet.MAX_LENGTH));
        for (int offset = 0; offset <= Math.min(bytes.length, 64); offset++) {
            EveryAccessor.readAt(MEMORY.atEnd(bytes), offset);
        }
        for (long packet : new long[] {MEMORY.atStart(bytes), MEMORY.atEnd(bytes)}) {
            EveryAccessor.read(packet);
            EveryAccessor.write(packet);
        }
    }

    @FuzzTest(maxDuration = "1m")
    void anyTextAsAnAddress(byte[] data) {
        String text = new String(data, UTF_8);
        try {
            IpAddress.V6 address = IpAddress.parseIpv6(text);
            assertThat(IpAddress.parseIpv6(address.toString())).isEqualTo(address);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("is not an IPv6 address");
        }
        try {
            int address = IpAddress.parseIpv4(text);
            assertThat(IpAddress.formatIpv4(address)).isEqualTo(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("is not an IPv4 address");
        }
    }
}
