package org.barewire.drivers.afxdp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.OptionReader;
import org.barewire.core.linux.Bpf;
import org.barewire.core.linux.XdpSocket;

/// What a name like `afxdp:eth1?mode=copy&match=udp/53` asks for.
///
/// @param device     the kernel's name of the interface
/// @param namespace  the network namespace that it is in, or empty: the process's own
/// @param asksForAll whether the name itself says that all packets are taken
record AfxdpOptions(String device, String namespace, Mode mode, Attach attach, Match match, boolean asksForAll) {
    /// Who reads and writes packet memory.
    enum Mode {
        /// The device if it can, otherwise the kernel.
        AUTO(0),
        /// The device.
        ZEROCOPY(XdpSocket.ZERO_COPY),
        /// The kernel, which copies.
        COPY(XdpSocket.COPY);

        final int bindFlags;

        Mode(int bindFlags) {
            this.bindFlags = bindFlags;
        }
    }

    /// Where the program is attached.
    enum Attach {
        /// In the driver if it can, otherwise behind it.
        AUTO(0),
        /// In the driver.
        NATIVE(Bpf.XDP_FLAGS_DRV_MODE),
        /// Behind the driver.
        GENERIC(Bpf.XDP_FLAGS_SKB_MODE);

        final int linkFlags;

        Attach(int linkFlags) {
            this.linkFlags = linkFlags;
        }
    }

    /// The options beyond those of every device, and what each does.
    static final Map<String, String> OPTIONS = options();

    static AfxdpOptions of(DeviceName name) {
        if (name.path().isEmpty()) {
            throw new DeviceException("afxdp: an interface is needed, as in afxdp:eth1. 'barewire devices' lists them");
        }
        OptionReader options = new OptionReader(name.options());
        AfxdpOptions read = new AfxdpOptions(
                name.path(),
                options.text("netns", ""),
                options.oneOf("mode", Mode.AUTO),
                options.oneOf("attach", Attach.AUTO),
                Match.of(options),
                options.has("match"));
        if (read.mode == Mode.ZEROCOPY && read.attach == Attach.GENERIC) {
            throw new DeviceException("mode=zerocopy&attach=generic: zero-copy needs the program in the driver");
        }
        return read;
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("mode", "auto, zerocopy (the device reads and writes packet memory) or copy (the kernel does)");
        options.put("attach", "auto, native (the XDP program runs in the driver) or generic (behind it)");
        options.put(
                "match", "what is taken from the kernel: udp/53, tcp/8000-8080, icmp, arp, 47, all; commas between");
        options.put("from", "take only packets from these addresses: 192.0.2.0/24, 2001:db8::1; commas between");
        options.put("to", "take only packets to these addresses");
        options.put("netns", "network namespace of the interface, as 'ip netns' names it");
        return Collections.unmodifiableMap(options);
    }
}
