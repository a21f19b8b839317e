package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void membersKeepTheirOrder() {
        assertThat(new Json().put("b", 1).put("a", 2L).put("c", true)).hasToString("{\"b\":1,\"a\":2,\"c\":true}");
    }

    @Test
    void textIsEscaped() {
        assertThat(new Json().put("a\"b", "\\ \n\t\u0001é")).hasToString("{\"a\\\"b\":\"\\\\ \\n\\t\\u0001é\"}");
    }

    @Test
    void whatIsNoNumberIsNull() {
        assertThat(new Json().put("a", Double.NaN).put("b", 1 / 0.0).put("c", null))
                .hasToString("{\"a\":null,\"b\":null,\"c\":null}");
    }

    @Test
    void fractionsHaveSixDecimalsAtMostAndNoExponent() {
        assertThat(new Json().put("a", 1e10).put("b", 1.23456789).put("c", 0.0).put("d", 1e-9))
                .hasToString("{\"a\":10000000000,\"b\":1.234568,\"c\":0,\"d\":0}");
    }

    @Test
    void objectsAndListsNest() {
        assertThat(new Json().put("a", new Json().put("b", List.of(1, "x")))).hasToString("{\"a\":{\"b\":[1,\"x\"]}}");
    }
}
