package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The ixgbe driver on the model of the 82599, by the names that a user would write.
class IxgbeTest {
    @AfterEach
    void theDriverBreaksNoRule() {
        assertThat(SimPorts.complaints()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10fb", "10f7", "10f8", "1517", "151c", "1528", "1563"})
    void theLinkComesUpWhateverItRunsOver(String id) {
        try (NetDevice nic = NetDevice.open("sim:a?id=" + id)) {
            assertThat(nic.awaitLink(Duration.ofSeconds(2))).isTrue();
            assertThat(nic.link()).isEqualTo(LinkState.up(10_000_000_000L));
        }
    }

    @Test
    void everyFrameIsForwardedUnchanged() {
        try (NetDevice a = NetDevice.open("sim:a?window=256");
                NetDevice b = NetDevice.open("sim:b")) {
            Tester left = SimPorts.tester("sim:a").orElseThrow();
            Tester right = SimPorts.tester("sim:b").orElseThrow();
            RxQueue rx = a.rx(0);
            TxQueue tx = b.tx(0);
            a.awaitLink(Duration.ofSeconds(2));
            b.awaitLink(Duration.ofSeconds(2));
            Simulation simulation = SimPorts.simulation();
            simulation.execute(() -> right.sink().expect(left.source()));
            simulation.execute(() -> left.source().start(100_000));
            long[] packets = new long[32];
            long forwarded = 0;
            while (forwarded < 100_000) {
                int n = rx.receive(packets);
                for (int sent = 0; sent < n; ) {
                    sent += tx.send(packets, sent, n - sent);
                }
                forwarded += n;
            }
            while (tx.reclaim() > 0) {
                Thread.onSpinWait();
            }
            while (!right.sink().settled(System.nanoTime(), 100_000_000)) {
                Thread.onSpinWait();
            }
            TestReport report = right.sink().report();
            assertThat(report.received()).isEqualTo(100_000);
            assertThat(List.of(report.lost(), report.duplicated(), report.reordered(), report.corrupted()))
                    .containsOnly(0L);
            assertThat(a.statistics().rxPackets()).isEqualTo(100_000);
            assertThat(b.statistics().txPackets()).isEqualTo(100_000);
        }
    }
}
