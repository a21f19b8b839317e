package org.barewire.core.packet;

import java.util.Locale;
import java.util.regex.Pattern;

/// An Ethernet address.
///
/// @param bits the six bytes, the first one on the wire in bits 47 to 40
public record MacAddress(long bits) {
    public static final MacAddress BROADCAST = new MacAddress(0xFFFF_FFFF_FFFFL);

    private static final Pattern FORM = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");

    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("0x%x does not fit in 48 bits".formatted(bits));
        }
    }

    /// Reads `02:00:00:00:00:01`, also with dashes.
    public static MacAddress parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'%s' is not an Ethernet address like 02:00:00:00:00:01".formatted(text));
        }
        return new MacAddress(Long.parseLong(text.replaceAll("[:-]", ""), 16));
    }

    /// True for group addresses, broadcast included (IEEE 802.3, 3.2.3).
    public boolean isMulticast() {
        return (bits >>> 40 & 1) != 0;
    }

    public boolean isZero() {
        return bits == 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%012x", bits).replaceAll("(..)(?!$)", "$1:");
    }
}
