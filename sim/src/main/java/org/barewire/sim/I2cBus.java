package org.barewire.sim;

/// An I2C bus whose one master is software, by the bits of a register (I2CCTL), and whose one slave, if it
/// is there, is a memory of 256 bytes. Guarded by the model's lock.
///
/// The slave changes the data line when the clock falls, and takes what is there when it rises. A data line
/// that changes while the clock is high is a start or a stop (I2C specification, 3.1.4).
final class I2cBus {
    /// What is at the other end; it can't be written.
    interface Slave {
        /// Is this its address, of 8 bits with the lowest one 0?
        boolean answersTo(int address);

        /// The byte at an offset from 0 to 255.
        int read(int offset);
    }

    private enum State {
        IDLE,
        ADDRESS,
        OFFSET,
        READ,
        /// What follows is not for the slave, or would write to it.
        IGNORE
    }

    private static final int ACKNOWLEDGE = 8; // the ninth clock

    private final Slave slave;
    private boolean clock = true;
    private boolean data = true; // as the master drives it
    private boolean pulled; // by the slave, to 0
    private State state = State.IDLE;
    private int bits; // of the byte at hand, or ACKNOWLEDGE
    private int value;
    private int offset;

    I2cBus(Slave slave) {
        this.slave = slave;
    }

    /// The master drives its two wires.
    ///
    /// @param present is the slave there to see it?
    void drive(boolean newClock, boolean newData, boolean present) {
        if (!present) {
            state = State.IDLE;
            pulled = false;
        } else if (clock && newClock && data != newData) {
            begin(newData ? State.IDLE : State.ADDRESS);
        } else if (!clock && newClock) {
            rise(newData && !pulled);
        } else if (clock && !newClock) {
            fall();
        }
        clock = newClock;
        data = newData;
    }

    /// The data line: high unless somebody pulls it down.
    boolean data() {
        return data && !pulled;
    }

    private void begin(State next) {
        state = next;
        pulled = false;
        bits = -1; // the clock falls once before the first bit
        value = 0;
    }

    private void rise(boolean bit) {
        if (bits < ACKNOWLEDGE) {
            value = value << 1 & 0xFF | (bit ? 1 : 0);
        } else if (state == State.READ && bit) {
            state = State.IGNORE; // the master wants no more
        }
    }

    private void fall() {
        if (state == State.IDLE) {
            return;
        }
        bits = bits == ACKNOWLEDGE ? 0 : bits + 1;
        if (bits == ACKNOWLEDGE) {
            pulled = state != State.READ && taken();
        } else if (state == State.READ) {
            if (bits == 0) {
                value = slave.read(offset);
                offset = offset + 1 & 0xFF;
            }
            pulled = (value >>> 7 & 1) == 0;
            // rise() shifts what is on the line back in, so that the next bit is the highest again
        } else {
            pulled = false;
        }
    }

    /// A byte from the master is complete; true if the slave acknowledges it.
    private boolean taken() {
        if (state == State.ADDRESS && slave.answersTo(value & ~1)) {
            state = (value & 1) != 0 ? State.READ : State.OFFSET;
            return true;
        }
        boolean chosen = state == State.OFFSET;
        if (chosen) {
            offset = value;
        }
        state = State.IGNORE; // for somebody else, or to be written
        return chosen;
    }
}
