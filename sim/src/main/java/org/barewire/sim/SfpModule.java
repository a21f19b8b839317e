package org.barewire.sim;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What a 10GBASE-SR module in the SFP+ cage says of itself: the page at I2C address 0xA0 (SFF-8472, table
/// 4-1). There is no second page, of measurements.
final class SfpModule implements I2cBus.Slave {
    private static final int ADDRESS = 0xA0;
    private static final int BYTES = 256;
    private static final int BASE_CHECK = 63;
    private static final int EXTENDED_CHECK = 95;

    private final byte[] page = new byte[BYTES];

    SfpModule() {
        page[0] = 0x03; // SFP or SFP+
        page[1] = 0x04; // told of by this page alone
        page[2] = 0x07; // LC connector
        page[3] = 0x10; // 10GBASE-SR
        page[11] = 0x06; // 64B/66B
        page[12] = 103; // 10.3 GBd
        page[16] = 8; // metres on OM2, by 10
        page[19] = 30; // on OM3
        text(20, 16, "Barewire");
        page[38] = 0x1B; // 00-1B-21 is Intel's: the drivers take optics of others only when told to
        page[39] = 0x21;
        text(40, 16, "SIM-10G-SR");
        text(56, 4, "A");
        page[60] = (byte) (850 >>> 8); // nanometres
        page[61] = (byte) 850;
        text(68, 16, "1");
        text(84, 8, "260101");
        page[BASE_CHECK] = sum(0, BASE_CHECK);
        page[EXTENDED_CHECK] = sum(BASE_CHECK + 1, EXTENDED_CHECK);
    }

    @Override
    public boolean answersTo(int address) {
        return address == ADDRESS;
    }

    @Override
    public int read(int offset) {
        return page[offset] & 0xFF;
    }

    /// Padded with spaces.
    private void text(int offset, int length, String text) {
        Arrays.fill(page, offset, offset + length, (byte) ' ');
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, page, offset, bytes.length);
    }

    private byte sum(int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += page[i];
        }
        return (byte) sum;
    }
}
