package org.barewire.drivers.afxdp;

import java.util.BitSet;
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
    private final BitSet redirected = new BitSet(); // queues

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
            int inDriver = attach == Attach.AUTO ? tryDriver(device, program, interfaceIndex) : -1;
            this.attached = attach != Attach.AUTO ? attach : inDriver >= 0 ? Attach.NATIVE : Attach.GENERIC;
            this.link = inDriver >= 0 ? inDriver : attach(device, program, interfaceIndex, attached);
        } catch (RuntimeException e) {
            Fd.close(map);
            throw e;
        } finally {
            if (program >= 0) {
                Fd.close(program); // the link keeps it
            }
        }
    }

    /// The link, or -1 if the driver can't.
    private static int tryDriver(String device, int program, int interfaceIndex) {
        try {
            return Bpf.attachXdp(program, interfaceIndex, Attach.NATIVE.linkFlags);
        } catch (LinuxException e) {
            if (isTaken(e)) {
                throw taken(device, e);
            }
            return -1;
        }
    }

    private static int attach(String device, int program, int interfaceIndex, Attach attach) {
        try {
            return Bpf.attachXdp(program, interfaceIndex, attach.linkFlags);
        } catch (LinuxException e) {
            if (isTaken(e)) {
                throw taken(device, e);
            }
            String cure = attach == Attach.NATIVE
                    ? "Its driver may have no XDP, or not with this MTU: leave attach=native out"
                    : "The interface's MTU may be too large for XDP";
            throw new DeviceException("afxdp:%s: %s. %s".formatted(device, e.getMessage(), cure), e);
        }
    }

    private static boolean isTaken(LinuxException failure) {
        return failure.errno() == Errno.EBUSY || failure.errno() == Errno.EEXIST;
    }

    private static DeviceException taken(String device, LinuxException cause) {
        return new DeviceException(
                ("afxdp:%s: another XDP program is attached to it: 'ip link show %s' tells which,"
                                + " 'ip link set %s xdp off' removes one that ip attached")
                        .formatted(device, device, device),
                cause);
    }

    /// {@link Attach#NATIVE} or {@link Attach#GENERIC}.
    Attach attached() {
        return attached;
    }

    /// Sends what matches of a queue to its socket from now on; does nothing where it does so already.
    void to(int queue, int socket) {
        if (!redirected.get(queue)) {
            Bpf.put(map, queue, socket);
            redirected.set(queue);
        }
    }

    void close() {
        Fd.close(link);
        Fd.close(map);
    }
}
