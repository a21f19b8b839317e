package org.barewire.guest;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// What a device said of packets that it received.
final class Findings {
    private static final Pattern FORM = Pattern.compile("(\\d+)/(\\d+)/(\\d+)/(\\d+)/(-?\\d+)");
    private static final long PATIENCE = 5_000_000_000L; // nanoseconds without a packet

    /// @param queue  that it arrived on
    /// @param length bytes
    /// @param flags  of {@link Metadata}
    record Finding(int queue, int length, int flags, int vlan, int rssHash) {}

    private Findings() {}

    /// Receives `count` packets of IP, or as many as come, and answers what was found. Others are not looked
    /// at.
    static Reply receive(OpenDevice device, int count) {
        StringBuilder found = new StringBuilder();
        long[] packets = new long[32];
        int received = 0;
        long last = System.nanoTime();
        while (received < count && System.nanoTime() - last < PATIENCE) {
            for (int queue = 0; queue < device.rx().size(); queue++) {
                int n = device.rx().get(queue).receive(packets);
                for (int i = 0; i < n; i++) {
                    int type = Packet.length(packets[i]) < 14 ? 0 : Packet.getShort(packets[i], 12);
                    if (type == 0x0800 || type == 0x86DD || type == 0x8100) {
                        found.append(text(queue, packets[i])).append(' ');
                        received++;
                        last = System.nanoTime();
                    }
                }
                PacketPool.release(packets, 0, n);
            }
        }
        return new Reply().with("found", found);
    }

    private static String text(int queue, long packet) {
        boolean described = Packet.hasMetadata(packet);
        return "%d/%d/%d/%d/%d"
                .formatted(
                        queue,
                        Packet.length(packet),
                        described ? Metadata.flags(packet) : 0,
                        described ? Metadata.vlan(packet) : 0,
                        described ? Metadata.rssHash(packet) : 0);
    }

    static List<Finding> parse(Reply reply) {
        List<Finding> findings = new ArrayList<>();
        for (Matcher m = FORM.matcher(reply.text("found")); m.find(); ) {
            findings.add(new Finding(
                    Integer.parseInt(m.group(1)),
                    Integer.parseInt(m.group(2)),
                    Integer.parseInt(m.group(3)),
                    Integer.parseInt(m.group(4)),
                    Integer.parseInt(m.group(5))));
        }
        return findings;
    }
}
