package org.barewire.drivers.igb;

import java.util.function.BooleanSupplier;
import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;

/// The 16 words by which a virtual function asks its physical one (82576 datasheet, 8.14.3 and 8.26; the
/// messages are those of Linux's igb, `e1000_mbx.h`).
final class Mailbox {
    static final int RESET = 1;
    static final int SET_ADDRESS = 2;
    static final int SET_MULTICAST = 3;
    static final int SET_LONGEST_FRAME = 5;
    static final int SET_PROMISCUOUS = 6;
    static final int INFORMATION_SHIFT = 16;
    static final int PROMISCUOUS_MULTICAST = 2 << INFORMATION_SHIFT;

    private static final int ACK = 1 << 31;
    private static final int KIND = 0xFFFF;
    private static final int READ_ONCE = Reg.V2P_PFSTS | Reg.V2P_PFACK;
    private static final long PATIENCE = 1_000_000_000;

    private final String device;
    private final Registers registers;
    private int seen; // bits that were there and are not any more, since they go when they are read

    Mailbox(String device, Registers registers) {
        this.device = device;
        this.registers = registers;
    }

    /// Waits while the physical function is itself being reset.
    void awaitPhysicalFunction() {
        expect(() -> (read() & Reg.V2P_RSTI) == 0, "come out of its reset");
    }

    /// Has the physical function do something.
    ///
    /// @param what that it does, for people
    /// @throws DeviceException if it does not answer, or refuses
    void ask(String what, int... message) {
        int answer = exchange(1, message)[0];
        if (!isYes(answer)) {
            throw new DeviceException("%s: the driver of its physical function refuses to %s (answer 0x%08x)"
                    .formatted(device, what, answer));
        }
    }

    /// Whether an answer's first word says that it was done.
    static boolean isYes(int answer) {
        return (answer & ACK) != 0;
    }

    /// Sends a message and returns the answer's first words, as many.
    ///
    /// @throws DeviceException if there is none, or it is one to something else
    int[] exchange(int answerWords, int... message) {
        take();
        seen = 0;
        for (int i = 0; i < message.length; i++) {
            registers.write32(Reg.vmbmem(i), message[i]);
        }
        registers.write32(Reg.V2P_MAILBOX, Reg.V2P_REQ);
        expect(() -> comes(Reg.V2P_PFACK), "take a message");
        expect(() -> comes(Reg.V2P_PFSTS), "answer");
        take();
        int[] answer = new int[answerWords];
        for (int i = 0; i < answerWords; i++) {
            answer[i] = registers.read32(Reg.vmbmem(i));
        }
        registers.write32(Reg.V2P_MAILBOX, Reg.V2P_ACK);
        if ((answer[0] & KIND) != (message[0] & KIND)) {
            throw new DeviceException("%s: its physical function answers message 0x%08x by 0x%08x"
                    .formatted(device, message[0], answer[0]));
        }
        return answer;
    }

    private void take() {
        expect(
                () -> {
                    registers.write32(Reg.V2P_MAILBOX, Reg.V2P_VFU);
                    return (read() & Reg.V2P_VFU) != 0;
                },
                "leave the mailbox");
    }

    private boolean comes(int bit) {
        read();
        return (seen & bit) != 0;
    }

    private int read() {
        int bits = registers.read32(Reg.V2P_MAILBOX);
        seen |= bits & READ_ONCE;
        return bits;
    }

    private void expect(BooleanSupplier condition, String what) {
        if (!Registers.await(condition, PATIENCE)) {
            throw new DeviceException(("%s: waited a second for its physical function to %s, in vain. Is that one's"
                            + " interface up under its own driver?")
                    .formatted(device, what));
        }
    }
}
