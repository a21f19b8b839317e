package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpOptionsTest {
    private static final int TCP = Ethernet.HEADER_LENGTH + Ipv4.HEADER_LENGTH;
    private static final int FIRST = TCP + Tcp.HEADER_LENGTH;

    private final EdgeOfMemory memory = new EdgeOfMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void theOptionsOfASynAreFound() {
        long packet = packet(ValidFrames.synOptions());
        int mss = TcpOptions.find(packet, TCP, TcpOptions.MSS);
        assertThat(mss).isEqualTo(FIRST);
        assertThat(TcpOptions.mss(packet, mss)).isEqualTo(1460);
        assertThat(TcpOptions.find(packet, TCP, TcpOptions.SACK_PERMITTED)).isEqualTo(FIRST + 4);
        int timestamps = TcpOptions.find(packet, TCP, TcpOptions.TIMESTAMPS);
        assertThat(TcpOptions.timestamp(packet, timestamps)).isEqualTo(0x0102_0304);
        assertThat(TcpOptions.timestampEcho(packet, timestamps)).isEqualTo(0x0506_0708);
        int scale = TcpOptions.find(packet, TCP, TcpOptions.WINDOW_SCALE);
        assertThat(TcpOptions.windowScale(packet, scale)).isEqualTo(7);
        assertThat(TcpOptions.find(packet, TCP, TcpOptions.SACK)).isEqualTo(TcpOptions.NONE);
        assertThat(kinds(packet)).containsExactly(2, 4, 8, 3);
    }

    @Test
    void blocksOfASackAreRead() {
        long packet = packet(ValidFrames.sackOptions());
        int sack = TcpOptions.find(packet, TCP, TcpOptions.SACK);
        assertThat(TcpOptions.sackBlocks(packet, sack)).isEqualTo(2);
        assertThat(TcpOptions.sackLeft(packet, sack, 0)).isEqualTo(1);
        assertThat(TcpOptions.sackRight(packet, sack, 0)).isEqualTo(2);
        assertThat(TcpOptions.sackLeft(packet, sack, 1)).isEqualTo(3);
        assertThat(TcpOptions.sackRight(packet, sack, 1)).isEqualTo(4);
    }

    @Test
    void aWindowScaleAboveTheLargestCountsAsTheLargest() { // RFC 7323, 2.3
        long packet = packet(3, 3, 255, 0);
        assertThat(TcpOptions.windowScale(packet, TcpOptions.find(packet, TCP, TcpOptions.WINDOW_SCALE)))
                .isEqualTo(14);
    }

    @Test
    void theMaximumSegmentSizeCanBeClamped() {
        long packet = packet(2, 4, 0x05, 0xB4);
        TcpOptions.setMss(packet, FIRST, 1380);
        assertThat(TcpOptions.mss(packet, FIRST)).isEqualTo(1380);
    }

    @Test
    void withoutOptionsNoneIsFound() {
        long packet = packet();
        assertThat(TcpOptions.first(packet, TCP)).isEqualTo(TcpOptions.NONE);
        assertThat(TcpOptions.find(packet, TCP, TcpOptions.MSS)).isEqualTo(TcpOptions.NONE);
    }

    @Test
    void theWalkEndsAtAWrongLengthAndKeepsWhatCameBefore() {
        assertThat(kinds(packet(4, 2, 99, 0))).as("length 0").containsExactly(4);
        assertThat(kinds(packet(4, 2, 99, 1))).as("length 1").containsExactly(4);
        assertThat(kinds(packet(4, 2, 99, 3))).as("one byte beyond the header").containsExactly(4);
        assertThat(kinds(packet(4, 2, 99, 255))).as("far beyond the header").containsExactly(4);
        assertThat(kinds(packet(4, 2, 1, 99))).as("no room for a length").containsExactly(4);
        assertThat(kinds(packet(4, 2, 0, 0, 3, 3, 7, 1))).as("end of options").containsExactly(4);
        assertThat(kinds(packet(1, 1, 1, 1))).as("only no-operations").isEmpty();
        assertThat(kinds(packet(99, 4, 0, 0)))
                .as("an unknown kind up to the end")
                .containsExactly(99);
    }

    @Test
    void anOptionOfAKnownKindWithAnotherLengthIsNotFound() {
        assertThat(find(TcpOptions.MSS, 2, 2, 0, 0)).isEqualTo(TcpOptions.NONE);
        assertThat(find(TcpOptions.WINDOW_SCALE, 3, 4, 7, 7)).isEqualTo(TcpOptions.NONE);
        assertThat(find(TcpOptions.SACK_PERMITTED, 4, 4, 7, 7)).isEqualTo(TcpOptions.NONE);
        assertThat(find(TcpOptions.TIMESTAMPS, 8, 8, 1, 2, 3, 4, 5, 6)).isEqualTo(TcpOptions.NONE);
        assertThat(find(TcpOptions.SACK, 5, 2, 0, 0)).as("no block").isEqualTo(TcpOptions.NONE);
        assertThat(find(TcpOptions.SACK, 5, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
                .as("a block and a bit")
                .isEqualTo(TcpOptions.NONE);
    }

    @Test
    void aRightOptionBehindAWrongOneOfItsKindIsFound() {
        assertThat(find(TcpOptions.MSS, 2, 2, 1, 1, 2, 4, 5, 0xB4)).isEqualTo(FIRST + 4);
    }

    private int find(int kind, int... options) {
        return TcpOptions.find(packet(options), TCP, kind);
    }

    private static List<Integer> kinds(long packet) {
        List<Integer> kinds = new ArrayList<>();
        int option = TcpOptions.first(packet, TCP);
        while (option != TcpOptions.NONE) {
            kinds.add(TcpOptions.kind(packet, option));
            assertThat(kinds).as("a walk that ends").hasSizeLessThanOrEqualTo(20);
            option = TcpOptions.next(packet, TCP, option);
        }
        return kinds;
    }

    private long packet(int... options) {
        return memory.atEnd(
                ValidFrames.ipv4().tcp(1, 2, 3, 4, Tcp.SYN).options(options).build());
    }
}
