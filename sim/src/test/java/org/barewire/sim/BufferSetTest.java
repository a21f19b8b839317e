package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BufferSetTest {
    @Test
    void behavesAsASet() {
        Random random = new Random(1);
        BufferSet set = new BufferSet();
        Set<Long> model = new HashSet<>();
        for (int i = 0; i < 200_000; i++) {
            long key = 0x1_0000_0000L + 2048L * random.nextInt(5000);
            if (random.nextInt(5) < 3) {
                assertThat(set.add(key)).isEqualTo(model.add(key));
            } else {
                set.remove(key);
                model.remove(key);
            }
            long other = 0x1_0000_0000L + 2048L * random.nextInt(5000);
            assertThat(set.contains(other)).isEqualTo(model.contains(other));
        }
    }
}
