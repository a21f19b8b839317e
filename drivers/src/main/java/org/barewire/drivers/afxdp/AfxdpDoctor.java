package org.barewire.drivers.afxdp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.Finding;
import org.barewire.core.device.Finding.Verdict;
import org.barewire.core.linux.Capability;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Ethtool;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.NetNamespace;
import org.barewire.core.linux.XdpFeatures;
import org.barewire.core.linux.XdpSocket;

/// Looks at what an interface, its driver and the kernel can do for `afxdp:`, and at what is missing, without
/// changing anything.
final class AfxdpDoctor {
    private static final long USUAL_MEMORY = 16L << 20; // of one queue
    private static final int LARGE_CHUNK_MTU = 4096 - XdpSocket.PACKET_HEADROOM - 22;

    private final AfxdpOptions options;
    private final List<Finding> findings = new ArrayList<>();

    private AfxdpDoctor(AfxdpOptions options) {
        this.options = options;
    }

    /// The findings for a name like `afxdp:eth1`.
    ///
    /// @throws org.barewire.core.device.DeviceException if the name's options are not understood
    static List<Finding> examine(DeviceName name) {
        AfxdpDoctor doctor = new AfxdpDoctor(AfxdpOptions.of(name));
        doctor.capabilities();
        doctor.lockedMemory();
        try {
            NetNamespace.call(doctor.options.namespace(), () -> {
                doctor.kernel();
                doctor.device();
                return doctor;
            });
        } catch (LinuxException e) {
            doctor.add("network namespace", Verdict.MISSING, String.valueOf(e.getMessage()), "");
        }
        return List.copyOf(doctor.findings);
    }

    private void add(String topic, Verdict verdict, String text, String cure) {
        findings.add(new Finding(topic, verdict, text, cure));
    }

    private void good(String topic, String text) {
        add(topic, Verdict.GOOD, text, "");
    }

    private void capabilities() {
        List<Capability> missing = Requirements.missing();
        if (missing.isEmpty()) {
            good("capabilities", "CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF");
        } else {
            add("capabilities", Verdict.MISSING, Requirements.cures(missing), "sudo ./barewire ...");
        }
    }

    private void lockedMemory() {
        long limit = Capability.IPC_LOCK.isHeld() ? Long.MAX_VALUE : limit();
        if (limit >= USUAL_MEMORY) {
            good("locked memory", limit == Long.MAX_VALUE ? "any amount" : "%d KiB".formatted(limit >> 10));
        } else {
            String text = "%d KiB may be locked; one queue takes 12 MiB as it is by default".formatted(limit >> 10);
            add("locked memory", Verdict.COULD_BE_BETTER, text, "sudo prlimit --memlock=unlimited --pid $$");
        }
    }

    /// RLIMIT_MEMLOCK, which counts what sockets pin.
    private static long limit() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            String soft = lines.filter(line -> line.startsWith("Max locked memory"))
                    .map(line -> line.substring(17).strip().split("\\s+", -1)[0])
                    .findFirst()
                    .orElse("unlimited");
            return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
        } catch (IOException | NumberFormatException e) {
            return Long.MAX_VALUE; // not to be known: the kernel will say
        }
    }

    private void kernel() {
        try {
            Fd.close(XdpSocket.open());
            good("AF_XDP sockets", "the kernel has them");
        } catch (LinuxException e) {
            if (e.errno() != Errno.EPERM) {
                add(
                        "AF_XDP sockets",
                        Verdict.MISSING,
                        String.valueOf(e.getMessage()),
                        "a kernel with CONFIG_XDP_SOCKETS=y");
            }
        }
        if (first("/proc/sys/net/core/bpf_jit_enable").equals("0")) {
            add("BPF compiler", Verdict.COULD_BE_BETTER, "off", "sudo sysctl net.core.bpf_jit_enable=1");
        }
    }

    private static String first(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private void device() {
        String name = options.device();
        try (NetInterface device = NetInterface.open(name, "")) {
            int flags = device.flags();
            String link = (flags & NetInterface.RUNNING) != 0 ? "up" : "no carrier";
            if ((flags & NetInterface.UP) == 0) {
                add("interface", Verdict.MISSING, name + " is down", "sudo ip link set %s up".formatted(name));
            } else {
                good(
                        "interface",
                        "%s, driver %s, %s"
                                .formatted(name, Ethtool.driver(device).nameForPeople(), link));
            }
            features(device);
            queues(Ethtool.channels(device));
            if (Ethtool.stripsVlanTags(device)) {
                String text = "taken out by the device: neither match= nor the port's packets have them";
                add("VLAN tags", Verdict.COULD_BE_BETTER, text, "sudo ethtool -K %s rxvlan off".formatted(name));
            }
            if (Ethtool.driver(device).name().equals("veth")) {
                String text = "the kernel at the far end of a veth leaves them out";
                add("checksums", Verdict.COULD_BE_BETTER, text, "there: sudo ethtool -K INTERFACE tx off");
            }
            if (options.match().isEverything() && !options.asksForAll() && Requirements.hasDefaultRoute(name)) {
                String text = "the default route leads through it: without match= nothing would be left to the kernel";
                add("match", Verdict.MISSING, text, "afxdp:%s?match=udp/53".formatted(name));
            }
        } catch (LinuxException e) {
            add("interface", Verdict.MISSING, String.valueOf(e.getMessage()), "ip link");
        }
    }

    private void features(NetInterface device) {
        Optional<XdpFeatures> told = XdpFeatures.of(device.index());
        if (told.isEmpty()) {
            String text = "this kernel does not tell (Linux 6.3 and later do); attach=auto and mode=auto find out";
            add("XDP in the driver", Verdict.COULD_BE_BETTER, text, "");
            return;
        }
        XdpFeatures features = told.get();
        if (features.inDriver()) {
            good("XDP in the driver", "yes: attach=native");
        } else {
            add(
                    "XDP in the driver",
                    Verdict.COULD_BE_BETTER,
                    "no: attach=generic, for which the kernel copies once more",
                    "");
        }
        if (features.zeroCopy()) {
            good("zero-copy", "yes: mode=zerocopy");
        } else {
            add("zero-copy", Verdict.COULD_BE_BETTER, "the driver has none: mode=copy", "");
        }
        int mtu = device.mtu();
        if (mtu <= LARGE_CHUNK_MTU || features.scatterGather()) {
            good("MTU", "%d%s".formatted(mtu, features.scatterGather() ? "; larger ones work, too" : ""));
        } else {
            String text = "%d, but the driver has no packets in several buffers".formatted(mtu);
            String cure = "sudo ip link set %s mtu %d".formatted(options.device(), LARGE_CHUNK_MTU);
            add("MTU", Verdict.COULD_BE_BETTER, text, cure);
        }
    }

    private void queues(Ethtool.Channels channels) {
        String most = "%d in use, %d possible".formatted(channels.rx(), channels.mostRx());
        if (channels.rx() == 1) {
            good("receive queues", most);
        } else {
            String text = most + "; packets of queues that are not opened stay the kernel's";
            String cure = "afxdp:%s?queues=%d, or: sudo ethtool -L %s combined 1"
                    .formatted(options.device(), channels.rx(), options.device());
            add("receive queues", Verdict.COULD_BE_BETTER, text, cure);
        }
    }
}
