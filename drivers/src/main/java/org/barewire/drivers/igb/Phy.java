package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;

/// The PHY behind the MAC, by its management interface (82576 datasheet, 8.2.4; IEEE 802.3, 22.2.4).
record Phy(String device, Registers registers, Semaphores semaphores) {
    private static final int CONTROL = 0;
    private static final int CONTROL_RESTART = 1 << 9;
    private static final int CONTROL_ISOLATE = 1 << 10;
    private static final int CONTROL_POWER_DOWN = 1 << 11;
    private static final int CONTROL_NEGOTIATE = 1 << 12;
    private static final long TIMEOUT_NANOS = 100_000_000;

    /// Has the PHY negotiate, unless it has a link already that a driver before has left it with.
    void negotiate() {
        int status = registers.read32(Reg.STATUS);
        int lan = (status & Reg.STATUS_LAN_ID) >>> Reg.STATUS_LAN_ID_SHIFT;
        if ((status & Reg.STATUS_LU) == 0) {
            semaphores.with(Reg.swFwSyncPhy(lan), () -> {
                int control = access(Reg.MDIC_READ | CONTROL << Reg.MDIC_REGISTER_SHIFT) & 0xFFFF;
                int wanted = control & ~(CONTROL_POWER_DOWN | CONTROL_ISOLATE) | CONTROL_NEGOTIATE | CONTROL_RESTART;
                access(Reg.MDIC_WRITE | CONTROL << Reg.MDIC_REGISTER_SHIFT | wanted);
            });
        }
    }

    private int access(int command) {
        registers.write32(Reg.MDIC, command | Reg.MDIC_PHY_1);
        boolean ready = registers.await(Reg.MDIC, Reg.MDIC_READY, Reg.MDIC_READY, TIMEOUT_NANOS);
        int answer = registers.read32(Reg.MDIC);
        if (!ready || (answer & Reg.MDIC_ERROR) != 0) {
            throw new DeviceException("%s: its PHY does not answer (MDIC is 0x%08x)".formatted(device, answer));
        }
        return answer;
    }
}
