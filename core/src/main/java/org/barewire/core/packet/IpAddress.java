package org.barewire.core.packet;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Text of IP addresses, for people. Names are not looked up. For the control plane.
public final class IpAddress {
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /// An IPv6 address: its first eight bytes and its last eight.
    public record V6(long high, long low) {
        @Override
        public String toString() {
            return formatIpv6(high, low);
        }
    }

    private IpAddress() {}

    /// Reads `192.0.2.1`.
    ///
    /// @throws IllegalArgumentException if it is something else
    public static int parseIpv4(String text) {
        Matcher matcher = IPV4.matcher(text);
        int address = 0;
        boolean valid = matcher.matches();
        for (int group = 1; valid && group <= 4; group++) {
            String part = matcher.group(group);
            // A leading zero means octal to some and decimal to others.
            valid = Integer.parseInt(part) <= 255 && (part.length() == 1 || part.charAt(0) != '0');
            address = address << 8 | Integer.parseInt(part);
        }
        if (!valid) {
            throw new IllegalArgumentException("'%s' is not an IPv4 address like 192.0.2.1".formatted(text));
        }
        return address;
    }

    public static String formatIpv4(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xFF) + "." + (address >>> 8 & 0xFF) + "." + (address & 0xFF);
    }

    /// Reads `2001:db8::1` and every other form of RFC 4291, 2.2; not a zone (`%eth0`).
    ///
    /// @throws IllegalArgumentException if it is something else
    public static V6 parseIpv6(String text) {
        if (!IPV6_CHARACTERS.matcher(text).matches()) {
            throw notIpv6(text);
        }
        byte[] bytes;
        try {
            bytes = Inet6Address.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException e) {
            throw notIpv6(text);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return bytes.length == 4
                ? new V6(0, 0xFFFF_0000_0000L | buffer.getInt() & 0xFFFF_FFFFL) // ::ffff:192.0.2.1
                : new V6(buffer.getLong(), buffer.getLong());
    }

    /// The canonical form (RFC 5952, 4): lower case, no leading zeros, the longest run of zeros, if it is
    /// more than one, as `::`.
    public static String formatIpv6(long high, long low) {
        int runStart = 8;
        int runLength = 1;
        for (int start = 0; start < 8; start++) {
            int end = start;
            while (end < 8 && group(high, low, end) == 0) {
                end++;
            }
            if (end - start > runLength) {
                runStart = start;
                runLength = end - start;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
            } else {
                boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(group(high, low, i)));
            }
        }
        return text.toString();
    }

    private static int group(long high, long low, int index) {
        return (int) ((index < 4 ? high : low) >>> 48 - (index & 3) * 16) & 0xFFFF;
    }

    private static IllegalArgumentException notIpv6(String text) {
        return new IllegalArgumentException("'%s' is not an IPv6 address like 2001:db8::1".formatted(text));
    }
}
