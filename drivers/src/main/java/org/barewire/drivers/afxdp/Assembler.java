package org.barewire.drivers.afxdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Puts eBPF instructions together (RFC 9669), one in each `long`, with labels to jump to.
///
/// Registers are numbers from 0 to 10. Offsets and immediate values are in the machine's order.
final class Assembler {
    /// A place in the program, before or after it is known which one.
    static final class Label {
        private static final int UNKNOWN = -1;

        private int position = UNKNOWN;
    }

    private record Jump(int position, Label target) {}

    private static final int LDX_W = 0x61;
    private static final int LDX_H = 0x69;
    private static final int LDX_B = 0x71;
    private static final int LD_IMM64 = 0x18;
    private static final int PSEUDO_MAP_FD = 1; // source register of LD_IMM64

    private static final int AND32_K = 0x54;
    private static final int TO_BE = 0xDC;
    private static final int ADD_K = 0x07;
    private static final int ADD_X = 0x0F;
    private static final int OR_X = 0x4F;
    private static final int AND_K = 0x57;
    private static final int LSH_K = 0x67;
    private static final int RSH_K = 0x77;
    private static final int MOV_K = 0xB7;
    private static final int MOV_X = 0xBF;

    private static final int JA = 0x05;
    private static final int JEQ_K = 0x15;
    private static final int JGT_K = 0x25;
    private static final int JGT_X = 0x2D;
    private static final int JNE_K = 0x55;
    private static final int JLT_K = 0xA5;
    private static final int JNE32_K = 0x56;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;

    private final List<Jump> jumps = new ArrayList<>();
    private long[] instructions = new long[64];
    private int count;

    void loadByte(int to, int base, int offset) {
        emit(LDX_B, to, base, offset, 0);
    }

    /// Loads two bytes, in the order of the machine.
    void loadShort(int to, int base, int offset) {
        emit(LDX_H, to, base, offset, 0);
    }

    /// Loads four bytes, in the order of the machine.
    void loadInt(int to, int base, int offset) {
        emit(LDX_W, to, base, offset, 0);
    }

    void loadMap(int to, int map) {
        emit(LD_IMM64, to, PSEUDO_MAP_FD, 0, map);
        emit(0, 0, 0, 0, 0);
    }

    void move(int to, int value) {
        emit(MOV_K, to, 0, 0, value);
    }

    void copy(int to, int from) {
        emit(MOV_X, to, from, 0, 0);
    }

    void add(int to, int value) {
        emit(ADD_K, to, 0, 0, value);
    }

    void addRegister(int to, int from) {
        emit(ADD_X, to, from, 0, 0);
    }

    void orRegister(int to, int from) {
        emit(OR_X, to, from, 0, 0);
    }

    void and(int to, int mask) {
        emit(AND_K, to, 0, 0, mask);
    }

    /// Masks the lower 32 bits, and clears the upper ones.
    void andInt(int to, int mask) {
        emit(AND32_K, to, 0, 0, mask);
    }

    void shiftLeft(int to, int bits) {
        emit(LSH_K, to, 0, 0, bits);
    }

    void shiftRight(int to, int bits) {
        emit(RSH_K, to, 0, 0, bits);
    }

    /// Turns a short from network order to the machine's.
    void fromNetworkOrder(int register) {
        emit(TO_BE, register, 0, 0, 16);
    }

    void jump(Label target) {
        jumpTo(target, JA, 0, 0, 0);
    }

    void jumpIfEqual(int register, int value, Label target) {
        jumpTo(target, JEQ_K, register, 0, value);
    }

    void jumpIfNotEqual(int register, int value, Label target) {
        jumpTo(target, JNE_K, register, 0, value);
    }

    /// Compares the lower 32 bits.
    void jumpIfIntNotEqual(int register, int value, Label target) {
        jumpTo(target, JNE32_K, register, 0, value);
    }

    void jumpIfLess(int register, int value, Label target) {
        jumpTo(target, JLT_K, register, 0, value);
    }

    void jumpIfGreater(int register, int value, Label target) {
        jumpTo(target, JGT_K, register, 0, value);
    }

    void jumpIfRegisterGreater(int register, int other, Label target) {
        jumpTo(target, JGT_X, register, other, 0);
    }

    void call(int helper) {
        emit(CALL, 0, 0, 0, helper);
    }

    void exit() {
        emit(EXIT, 0, 0, 0, 0);
    }

    /// The next instruction is what jumps to `label` go to.
    void bind(Label label) {
        label.position = count;
    }

    /// The program, with every jump's distance filled in.
    ///
    /// @throws IllegalStateException if a jump goes further than 32767 instructions, or nowhere
    long[] assemble() {
        long[] program = Arrays.copyOf(instructions, count);
        for (Jump jump : jumps) {
            int distance = jump.target.position - jump.position - 1;
            if (jump.target.position == Label.UNKNOWN || distance != (short) distance) {
                throw new IllegalStateException("a jump of %d instructions".formatted(distance));
            }
            program[jump.position] |= (distance & 0xFFFFL) << 16;
        }
        return program;
    }

    private void jumpTo(Label target, int code, int to, int from, int value) {
        jumps.add(new Jump(count, target));
        emit(code, to, from, 0, value);
    }

    /// `struct bpf_insn`: code 8 bits, destination 4, source 4, offset 16, immediate value 32.
    private void emit(int code, int to, int from, int offset, int value) {
        if (count == instructions.length) {
            instructions = Arrays.copyOf(instructions, 2 * count);
        }
        instructions[count++] =
                (long) value << 32 | (offset & 0xFFFFL) << 16 | (long) from << 12 | (long) to << 8 | code;
    }
}
