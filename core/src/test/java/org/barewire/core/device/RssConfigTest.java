package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RssConfigTest {
    private static final String KEY = "ab".repeat(RssConfig.KEY_BYTES);

    @Test
    void theStandardSpreadsAllFieldsOverTheQueuesInTurn() {
        RssConfig rss = RssConfig.standard();
        assertThat(rss.fields()).containsExactlyInAnyOrder(RssConfig.Field.values());
        assertThat(rss.keyBytes()).hasSize(40).startsWith(0x6D, 0x5A, 0x6D, 0x5A);
        for (int i = 0; i < RssConfig.TABLE_ENTRIES; i++) {
            assertThat(rss.queue(i, 3)).isEqualTo(i % 3);
        }
    }

    @Test
    void aTableNamesTheQueues() {
        RssConfig rss = new RssConfig(KEY, Set.of(), Collections.nCopies(128, 2));
        assertThat(rss.queue(5, 3)).isEqualTo(2);
        assertThatThrownBy(() -> rss.queue(5, 2))
                .isInstanceOf(DeviceException.class)
                .hasMessage("entry 5 of the RSS redirection table names queue 2 of 2");
        RssConfig negative = new RssConfig(KEY, Set.of(), Collections.nCopies(128, -1));
        assertThatThrownBy(() -> negative.queue(0, 2))
                .hasMessage("entry 0 of the RSS redirection table names queue -1 of 2");
    }

    @Test
    void aKeyIsFortyBytesInHexadecimal() {
        assertThat(new RssConfig(KEY, Set.of(), List.of()).keyBytes()).containsOnly(0xAB);
        for (String key : new String[] {"", KEY + "ab", KEY.substring(2), KEY.replace('a', 'g')}) {
            assertThatThrownBy(() -> new RssConfig(key, Set.of(), List.of()))
                    .isInstanceOf(DeviceException.class)
                    .hasMessage("'%s' is not an RSS key: 40 bytes in hexadecimal", key);
        }
    }

    @Test
    void aTableHasAllItsEntries() {
        assertThatThrownBy(() -> new RssConfig(KEY, Set.of(), List.of(0, 1)))
                .isInstanceOf(DeviceException.class)
                .hasMessage("an RSS redirection table has 128 entries, not 2");
    }
}
