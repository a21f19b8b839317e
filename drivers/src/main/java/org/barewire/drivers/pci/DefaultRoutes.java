package org.barewire.drivers.pci;

import java.util.Set;
import java.util.TreeSet;
import org.barewire.core.linux.SystemFiles;

/// Which interfaces the kernel's default routes lead through, from `/proc/net/route` and
/// `/proc/net/ipv6_route` (columns as in the kernel's `fib_route_seq_show` and `rt6_info_route`).
final class DefaultRoutes {
    private static final int RTF_UP = 0x0001;
    private static final int RTF_REJECT = 0x0200;
    private static final String IPV6_ANY = "0".repeat(32);

    private DefaultRoutes() {}

    static Set<String> interfaces(SystemFiles files) {
        Set<String> interfaces = new TreeSet<>();
        for (String line : files.lines("proc/net/route")) {
            String[] column = line.strip().split("\\s+", -1);
            if (column.length > 7
                    && column[1].equals("00000000")
                    && column[7].equals("00000000")
                    && isUsable(column[3])) {
                interfaces.add(column[0]);
            }
        }
        for (String line : files.lines("proc/net/ipv6_route")) {
            String[] column = line.strip().split("\\s+", -1);
            if (column.length > 9 && column[0].equals(IPV6_ANY) && column[1].equals("00") && isUsable(column[8])) {
                interfaces.add(column[9]);
            }
        }
        return interfaces;
    }

    private static boolean isUsable(String flags) {
        try {
            int bits = Integer.parseUnsignedInt(flags, 16);
            return (bits & RTF_UP) != 0 && (bits & RTF_REJECT) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
