package org.barewire.drivers.ixgbe;

import java.util.List;
import java.util.function.UnaryOperator;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.MappedRegisters;
import org.barewire.core.memory.Registers;

/// Has the data path compiled before the first receiver of the process is enabled, so that a young JVM does
/// not lose the packets that arrive while it still interprets: the real queues and the real relay move
/// packets on a {@link MemoryNic}.
///
/// The compiler bets on the kinds of registers that it has seen, and a lost bet means interpreting again. So
/// a mapped device warms up with mapped registers alone, which are inlined then; for any other device the
/// code sees three kinds, which is more than the compiler bets on.
final class WarmUp {
    private static final int PACKETS = 200_000;
    private static final int BURST = 8;
    private static final int RING = 512;

    private static boolean done; // guarded by the class

    private WarmUp() {}

    /// Does so at the first call of the process.
    ///
    /// @param device the registers that the data path will write to
    static synchronized void once(Registers device) {
        if (done) {
            return;
        }
        done = true;
        List<UnaryOperator<Registers>> kinds = device instanceof MappedRegisters
                ? List.of(UnaryOperator.identity())
                : List.of(UnaryOperator.identity(), First::new, Second::new);
        for (UnaryOperator<Registers> kind : kinds) {
            try (MemoryNic nic = new MemoryNic(RING, 2 * RING, kind)) {
                queues(nic);
            }
            try (MemoryNic nic = new MemoryNic(RING, RING, kind)) {
                relay(nic);
            }
        }
    }

    private static void queues(MemoryNic nic) {
        RxQueue rx = nic.rx();
        TxQueue tx = nic.tx();
        long[] packets = new long[BURST];
        for (int moved = 0; moved < PACKETS; moved += BURST) {
            nic.receive(BURST);
            int n = rx.receive(packets);
            tx.sendOrRelease(packets, n);
            nic.send();
            rx.receive(packets); // finds nothing: the idle poll is warm, too
        }
    }

    private static void relay(MemoryNic nic) {
        Relay relay = nic.relay(packet -> PacketHandler.send(packet, 1));
        for (int moved = 0; moved < PACKETS; moved += BURST) {
            nic.receiveLegacy(BURST);
            relay.poll(BURST);
            nic.sendRelayed();
            relay.poll(BURST);
        }
    }

    private static class First extends Registers {
        private final Registers registers;

        First(Registers registers) {
            this.registers = registers;
        }

        @Override
        public int read32(int offset) {
            return registers.read32(offset);
        }

        @Override
        public void write32(int offset, int value) {
            registers.write32(offset, value);
        }
    }

    private static final class Second extends First {
        Second(Registers registers) {
            super(registers);
        }

        @Override
        public void write32(int offset, int value) {
            super.write32(offset, value);
        }
    }
}
