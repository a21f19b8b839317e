package org.barewire.drivers.afxdp;

import java.util.List;
import org.barewire.core.linux.Bpf;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.IpProtocol;
import org.barewire.drivers.afxdp.Assembler.Label;
import org.barewire.drivers.afxdp.Match.Prefix;
import org.barewire.drivers.afxdp.Match.Term;

/// Generates the XDP program that sends matching packets to the AF_XDP socket of their queue, and leaves all
/// others to the kernel.
///
/// It looks behind one VLAN tag, the options of IPv4 and up to four extension headers of IPv6. A fragment has
/// no ports to compare, or is part of a datagram whose other fragments have none, so terms with ports leave
/// fragments to the kernel.
final class RedirectProgram {
    private static final int REDIRECT_MAP = 51; // bpf_redirect_map(map, key, flags)

    // Fields of struct xdp_md (linux/bpf.h)
    private static final int DATA = 0;
    private static final int DATA_END = 4;
    private static final int RX_QUEUE_INDEX = 16;

    private static final int VALUE = 0; // what was loaded last
    private static final int SCRATCH = 1;
    private static final int FRAGMENT = 4; // not 0 in a fragment
    private static final int LENGTH = 5; // of the header
    private static final int CONTEXT = 6;
    private static final int AT = 7; // the header that is looked at
    private static final int END = 8; // of the packet
    private static final int PROTOCOL = 9;

    private static final int MAX_EXTENSIONS = 4;

    private final Assembler code = new Assembler();
    private final Label kernel = new Label();
    private final Label ours = new Label();
    private final Label transport = new Label();
    private final Match match;

    private RedirectProgram(Match match) {
        this.match = match;
    }

    /// @param map      the XSKMAP
    /// @param otherwise the answer for matching packets of a queue that has no socket: XDP_PASS and the like
    static long[] generate(Match match, int map, int otherwise) {
        RedirectProgram program = new RedirectProgram(match);
        program.begin();
        if (!match.isEverything()) {
            program.link();
            if (match.reaches(false)) {
                program.ipv4();
            }
            if (match.reaches(true)) {
                program.ipv6();
            } else {
                program.code.jump(program.kernel);
            }
            program.transport();
            program.toKernel();
        }
        program.toSocket(map, otherwise);
        return program.code.assemble();
    }

    private void begin() {
        code.copy(CONTEXT, 1); // the argument
        code.loadInt(AT, CONTEXT, DATA);
        code.loadInt(END, CONTEXT, DATA_END);
    }

    /// IEEE 802.3, 3.1.1, and one tag of 802.1Q.
    private void link() {
        Label tag = new Label();
        Label network = new Label();
        need(14, kernel);
        code.loadShort(VALUE, AT, 12);
        code.add(AT, 14);
        code.jumpIfEqual(VALUE, wire(EtherType.VLAN), tag);
        code.jumpIfNotEqual(VALUE, wire(EtherType.PROVIDER_VLAN), network);
        code.bind(tag);
        need(4, kernel);
        code.loadShort(VALUE, AT, 2);
        code.add(AT, 4);
        code.bind(network);
        if (match.terms().stream().anyMatch(term -> term.protocol() == Term.ARP)) {
            code.jumpIfEqual(VALUE, wire(EtherType.ARP), ours);
        }
    }

    /// RFC 791, 3.1.
    private void ipv4() {
        Label other = new Label();
        code.jumpIfNotEqual(VALUE, wire(EtherType.IPV4), other);
        need(20, kernel);
        needVersion(4);
        code.and(SCRATCH, 15);
        code.shiftLeft(SCRATCH, 2);
        code.jumpIfLess(SCRATCH, 20, kernel);
        code.copy(LENGTH, SCRATCH);
        code.loadByte(PROTOCOL, AT, 9);
        code.loadShort(FRAGMENT, AT, 6);
        code.and(FRAGMENT, wire(0x3FFF)); // more fragments, and the offset
        needPrefix(match.from(), false, 12);
        needPrefix(match.to(), false, 16);
        code.addRegister(AT, LENGTH);
        code.jump(transport);
        code.bind(other);
    }

    /// RFC 8200, 3 and 4.
    private void ipv6() {
        code.jumpIfNotEqual(VALUE, wire(EtherType.IPV6), kernel);
        need(40, kernel);
        needVersion(6);
        code.loadByte(PROTOCOL, AT, 6);
        code.move(FRAGMENT, 0);
        needPrefix(match.from(), true, 8);
        needPrefix(match.to(), true, 24);
        code.add(AT, 40);
        for (int i = 0; i < MAX_EXTENSIONS; i++) {
            extension();
        }
    }

    private void extension() {
        Label options = new Label();
        Label next = new Label();
        code.jumpIfEqual(PROTOCOL, IpProtocol.HOP_BY_HOP, options);
        code.jumpIfEqual(PROTOCOL, IpProtocol.ROUTING, options);
        code.jumpIfEqual(PROTOCOL, IpProtocol.DESTINATION_OPTIONS, options);
        code.jumpIfNotEqual(PROTOCOL, IpProtocol.FRAGMENT, transport);
        need(8, kernel);
        code.loadByte(PROTOCOL, AT, 0);
        code.loadShort(FRAGMENT, AT, 2);
        code.and(FRAGMENT, wire(0xFFF9)); // the offset, and more fragments
        code.add(AT, 8);
        code.jumpIfNotEqual(FRAGMENT, 0, transport); // what follows may be the middle of anything
        code.jump(next);
        code.bind(options);
        need(8, kernel);
        code.loadByte(PROTOCOL, AT, 0);
        code.loadByte(SCRATCH, AT, 1);
        code.add(SCRATCH, 1);
        code.shiftLeft(SCRATCH, 3);
        code.addRegister(AT, SCRATCH);
        code.bind(next);
    }

    private void transport() {
        code.bind(transport);
        for (Term term : match.terms()) {
            if (term.protocol() == Term.ARP) {
                continue;
            }
            if (term.protocol() == Term.ANY) {
                code.jump(ours);
                return;
            }
            Label next = new Label();
            code.jumpIfNotEqual(PROTOCOL, term.protocol(), next);
            if (term.hasPorts()) {
                code.jumpIfNotEqual(FRAGMENT, 0, next);
                need(4, next);
                code.loadShort(VALUE, AT, 2);
                code.fromNetworkOrder(VALUE);
                code.jumpIfLess(VALUE, term.firstPort(), next);
                code.jumpIfGreater(VALUE, term.lastPort(), next);
            }
            code.jump(ours);
            code.bind(next);
        }
    }

    private void toKernel() {
        code.bind(kernel);
        code.move(0, Bpf.XDP_PASS);
        code.exit();
    }

    private void toSocket(int map, int otherwise) {
        code.bind(ours);
        code.loadMap(1, map);
        code.loadInt(2, CONTEXT, RX_QUEUE_INDEX);
        code.move(3, otherwise);
        code.call(REDIRECT_MAP);
        code.exit();
    }

    /// Goes on only if there are `bytes` more; the verifier wants to see this before each access.
    private void need(int bytes, Label otherwise) {
        code.copy(SCRATCH, AT);
        code.add(SCRATCH, bytes);
        code.jumpIfRegisterGreater(SCRATCH, END, otherwise);
    }

    /// Leaves the header's first byte in SCRATCH.
    private void needVersion(int version) {
        code.loadByte(SCRATCH, AT, 0);
        code.copy(VALUE, SCRATCH);
        code.shiftRight(VALUE, 4);
        code.jumpIfNotEqual(VALUE, version, kernel);
    }

    private void needPrefix(List<Prefix> prefixes, boolean ipv6, int offset) {
        if (prefixes.isEmpty()) {
            return;
        }
        Label found = new Label();
        for (Prefix prefix : prefixes) {
            if (prefix.ipv6() == ipv6) {
                Label next = new Label();
                for (int i = 0; i < prefix.words().size(); i++) {
                    code.loadInt(VALUE, AT, offset + 4 * i);
                    code.andInt(VALUE, Integer.reverseBytes(prefix.masks().get(i)));
                    code.jumpIfIntNotEqual(
                            VALUE, Integer.reverseBytes(prefix.words().get(i)), next);
                }
                code.jump(found);
                code.bind(next);
            }
        }
        code.jump(kernel);
        code.bind(found);
    }

    /// A 16-bit number of a header as the machine loads it.
    private static int wire(int value) {
        return Short.toUnsignedInt(Short.reverseBytes((short) value));
    }
}
