package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LinkStateTest {
    @Test
    void itSaysSpeedOrReason() {
        assertThat(LinkState.up(10_000_000_000L)).hasToString("up, 10000 Mbit/s");
        assertThat(LinkState.up(0)).hasToString("up");
        assertThat(LinkState.down("no SFP+ module")).hasToString("down: no SFP+ module");
    }
}
