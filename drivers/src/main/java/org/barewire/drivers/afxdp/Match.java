package org.barewire.drivers.afxdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.OptionReader;
import org.barewire.core.packet.IpAddress;
import org.barewire.core.packet.IpProtocol;

/// Which packets are taken from the kernel: those that one of `terms` selects and whose addresses are in one
/// of the prefixes, where there are any.
///
/// @param from prefixes of the source address; none: any
/// @param to   prefixes of the destination address; none: any
record Match(List<Term> terms, List<Prefix> from, List<Prefix> to) {
    /// A kind of packet. Ports are destination ports, and compared only if there is a {@link #hasPorts range}.
    ///
    /// @param protocol of IP, {@link #ANY} or {@link #ARP}
    record Term(int protocol, int firstPort, int lastPort) {
        /// Every packet.
        static final int ANY = -1;
        /// ARP, which is no protocol of IP.
        static final int ARP = -2;

        boolean hasPorts() {
            return lastPort >= firstPort;
        }
    }

    /// An address and how many of its leading bits count.
    ///
    /// @param ipv6  whether there are four of `words`, or one
    /// @param words 32 bits each, the first byte on the wire uppermost
    /// @param masks the bits of `words` that count
    record Prefix(boolean ipv6, List<Integer> words, List<Integer> masks) {}

    private static final int LIMIT = 32;
    private static final Term ALL = new Term(Term.ANY, 1, 0);
    private static final Map<String, Integer> PROTOCOLS = Map.of(
            "all", Term.ANY,
            "arp", Term.ARP,
            "icmp", IpProtocol.ICMP,
            "icmp6", IpProtocol.ICMPV6,
            "tcp", IpProtocol.TCP,
            "udp", IpProtocol.UDP,
            "sctp", IpProtocol.SCTP);

    /// Reads the options `match`, `from` and `to`.
    ///
    /// @throws DeviceException if one is not understood
    static Match of(OptionReader options) {
        List<Term> terms = new ArrayList<>();
        for (String text : list("match", options.text("match", "all"))) {
            terms.add(term(text));
        }
        Match match = new Match(terms, prefixes("from", options), prefixes("to", options));
        if (!match.reaches(false) && !match.reaches(true)) {
            throw new DeviceException("from=%s&to=%s: no packet has an IPv4 and an IPv6 address"
                    .formatted(options.text("from", ""), options.text("to", "")));
        }
        return match;
    }

    /// Every packet whatsoever.
    boolean isEverything() {
        return terms.contains(ALL) && from.isEmpty() && to.isEmpty();
    }

    /// Whether there are packets of IPv4 or IPv6 whose addresses are in the prefixes.
    boolean reaches(boolean ipv6) {
        return reaches(from, ipv6) && reaches(to, ipv6);
    }

    private static boolean reaches(List<Prefix> prefixes, boolean ipv6) {
        return prefixes.isEmpty() || prefixes.stream().anyMatch(prefix -> prefix.ipv6() == ipv6);
    }

    private static Term term(String text) {
        int slash = text.indexOf('/');
        String name = slash < 0 ? text : text.substring(0, slash);
        int protocol = PROTOCOLS.containsKey(name) ? PROTOCOLS.get(name) : number(text, name, 255);
        if (slash < 0) {
            return new Term(protocol, 1, 0);
        }
        if (protocol != IpProtocol.TCP && protocol != IpProtocol.UDP && protocol != IpProtocol.SCTP) {
            throw refuse(text);
        }
        String ports = text.substring(slash + 1);
        int dash = ports.indexOf('-');
        int first = number(text, dash < 0 ? ports : ports.substring(0, dash), 65535);
        int last = dash < 0 ? first : number(text, ports.substring(dash + 1), 65535);
        if (last < first) {
            throw refuse(text);
        }
        return new Term(protocol, first, last);
    }

    private static int number(String term, String text, int most) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > most) {
            throw refuse(term);
        }
        return Integer.parseInt(text);
    }

    private static DeviceException refuse(String term) {
        return new DeviceException(
                "match=%s: needed are terms like udp/53, tcp/8000-8080, icmp, arp, 47 or all, with commas"
                        .formatted(term));
    }

    private static List<Prefix> prefixes(String key, OptionReader options) {
        List<Prefix> prefixes = new ArrayList<>();
        if (options.has(key)) {
            for (String text : list(key, options.text(key, ""))) {
                prefixes.add(prefix(key, text));
            }
        }
        return prefixes;
    }

    private static Prefix prefix(String key, String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean ipv6 = address.contains(":");
        int most = ipv6 ? 128 : 32;
        String length = slash < 0 ? String.valueOf(most) : text.substring(slash + 1);
        try {
            int bits = Integer.parseInt(length);
            if (bits < 0 || bits > most) {
                throw new IllegalArgumentException("a prefix of %d bits".formatted(bits));
            }
            return ipv6 ? ipv6(IpAddress.parseIpv6(address), bits) : ipv4(IpAddress.parseIpv4(address), bits);
        } catch (IllegalArgumentException e) {
            throw new DeviceException(
                    "%s=%s: needed are addresses like 192.0.2.0/24 or 2001:db8::1, with commas".formatted(key, text),
                    e);
        }
    }

    private static Prefix ipv4(int address, int bits) {
        return new Prefix(false, List.of(address & mask(bits)), List.of(mask(bits)));
    }

    private static Prefix ipv6(IpAddress.V6 address, int bits) {
        int[] words = {
            (int) (address.high() >>> 32), (int) address.high(), (int) (address.low() >>> 32), (int) address.low()
        };
        List<Integer> masks = new ArrayList<>();
        List<Integer> masked = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            int mask = mask(Math.clamp(bits - 32L * i, 0, 32));
            masks.add(mask);
            masked.add(words[i] & mask);
        }
        return new Prefix(true, masked, masks);
    }

    private static int mask(int bits) {
        return bits == 0 ? 0 : -1 << 32 - bits;
    }

    private static String[] list(String key, String text) {
        String[] parts = text.split(",", -1);
        if (parts.length > LIMIT) {
            throw new DeviceException("%s=%s: %d at most".formatted(key, text, LIMIT));
        }
        return parts;
    }
}
