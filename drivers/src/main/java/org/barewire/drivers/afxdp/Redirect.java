package org.barewire.drivers.afxdp;

import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Bpf;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.drivers.afxdp.AfxdpOptions.Attach;

/// The XDP program on an interface and the map of the sockets it redirects to. It is there while this is open,
/// and goes with the process, however that ends.
final class Redirect {
    private final int map;
    private final int link;
    private final Attach attached;

    /// Loads the program and attaches it: everything goes to the kernel until {@link #to} is called.
    ///
    /// @param queues how many receive queues the interface has
    /// @param frags  whether packets may be in several buffers
    Redirect(String device, int interfaceIndex, Match match, Attach attach, int queues, boolean frags) {
        this.map = Bpf.createMap(Bpf.MAP_TYPE_XSKMAP, 4, 4, queues, "barewire_xsks");
        int program = -1;
        try {
            long[] code = RedirectProgram.generate(match, map, Bpf.XDP_PASS);
            program = Bpf.loadProgram(Bpf.PROGRAM_TYPE_XDP, code, frags ? Bpf.XDP_HAS_FRAGS : 0, "barewire");
            Attach attached = attach;
            int link = -1;
            if (attach != Attach.GENERIC) {
                attached = Attach.NATIVE;
                link = attach(device, program, interfaceIndex, Attach.NATIVE, attach == Attach.AUTO);
            }
            if (link < 0) {
                attached = Attach.GENERIC;
                link = attach(device, program, interfaceIndex, Attach.GENERIC, false);
            }
            this.attached = attached;
            this.link = link;
        } catch (RuntimeException e) {
            Fd.close(map);
            throw e;
        } finally {
            if (program >= 0) {
                Fd.close(program); // the link keeps it
            }
        }
    }

    private static int attach(String device, int program, int interfaceIndex, Attach attach, boolean optional) {
        try {
            return Bpf.attachXdp(program, interfaceIndex, attach.linkFlags);
        } catch (LinuxException e) {
            if (e.errno() == Errno.EBUSY || e.errno() == Errno.EEXIST) {
                throw new DeviceException(
                        "afxdp:%s: another XDP program is attached to it. 'ip link show %s' tells which; 'ip link set %s xdp off' removes one that ip attached"
                                .formatted(device, device, device),
                        e);
            }
            if (optional) {
                return -1;
            }
            throw new DeviceException(
                    "afxdp:%s: %s. %s"
                            .formatted(
                                    device,
                                    e.getMessage(),
                                    attach == Attach.NATIVE
                                            ? "Its driver may have no XDP, or not with this MTU: leave attach=native out"
                                            : "The interface's MTU may be too large for XDP"),
                    e);
        }
    }

    /// {@link Attach#NATIVE} or {@link Attach#GENERIC}.
    Attach attached() {
        return attached;
    }

    /// Sends what matches of a queue to a socket from now on.
    void to(int queue, int socket) {
        Bpf.put(map, queue, socket);
    }

    void close() {
        Fd.close(link);
        Fd.close(map);
    }
}
