package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.Set;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceConfigTest {
    private static DeviceConfig withOptions(String options) {
        return DeviceConfig.standard().withOptions(DeviceName.parse("sim:a?" + options));
    }

    @Test
    void theStandardIsWhatItSays() {
        DeviceConfig config = DeviceConfig.standard();
        assertThat(config.memory()).isSameAs(PacketMemory.standard());
        assertThat(config.queues()).isEqualTo(1);
        assertThat(config.rxDescriptors()).isEqualTo(512);
        assertThat(config.txDescriptors()).isEqualTo(512);
        assertThat(config.poolSize()).isEqualTo(4096);
        assertThat(config.mtu()).isEqualTo(1500);
        assertThat(config.maxFrameLength()).isEqualTo(1522);
        assertThat(config.offloads()).isEmpty();
        assertThat(config.rss()).isEqualTo(RssConfig.standard());
    }

    @Test
    void eachChangeChangesItsOwn() {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            RssConfig rss = new RssConfig("00".repeat(40), Set.of(), java.util.List.of());
            DeviceConfig config = DeviceConfig.standard()
                    .withMemory(memory)
                    .withQueues(4)
                    .withDescriptors(64, 4096)
                    .withPoolSize(200)
                    .withMtu(9000)
                    .withOffloads(EnumSet.of(Offload.CHECKSUM))
                    .withRss(rss);
            assertThat(config)
                    .isEqualTo(new DeviceConfig(
                            memory, 4, 64, 4096, 200, 9000, Set.of(Offload.CHECKSUM), rss, Numa.NO_NODE));
        }
    }

    @Test
    void theOrderOfChangesDoesNotMatter() {
        DeviceConfig config = DeviceConfig.standard();
        assertThat(config.withPoolSize(128).withDescriptors(64, 64))
                .isEqualTo(config.withDescriptors(64, 64).withPoolSize(128));
        assertThat(config.withPoolSize(128).withDescriptors(4096, 64))
                .isEqualTo(config.withDescriptors(4096, 64).withPoolSize(128));
    }

    @Test
    void aNamesOptionsOverride() {
        DeviceConfig config =
                withOptions("queues=3&rxd=128&txd=256&pool=200&mtu=9000&offloads=checksum,vlan-strip,rss-hash&x=y");
        assertThat(config)
                .isEqualTo(DeviceConfig.standard()
                        .withQueues(3)
                        .withDescriptors(128, 256)
                        .withPoolSize(200)
                        .withMtu(9000)
                        .withOffloads(EnumSet.allOf(Offload.class)));
    }

    @Test
    void whatANameDoesNotSayStays() {
        DeviceConfig config = DeviceConfig.standard().withQueues(7).withOffloads(Set.of(Offload.RSS_HASH));
        assertThat(config.withOptions(DeviceName.parse("sim:a"))).isEqualTo(config);
    }

    @Test
    void everyOptionThatIsKnownIsUnderstood() {
        for (String option : DeviceConfig.OPTIONS.keySet()) {
            assertThatThrownBy(() -> withOptions(option + "=nonsense"))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageStartingWith(option + "=nonsense: ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "queues=0 | queues=0: from 1 to 64 is possible",
                "queues=65 | queues=65: from 1 to 64 is possible",
                "queues=two | queues=two: a whole number is needed",
                "queues= | queues=: a whole number is needed",
                "queues=99999999999 | queues=99999999999: a whole number is needed",
                "rxd=63 | rxd=63: a power of two from 64 to 4096 is possible",
                "rxd=500 | rxd=500: a power of two from 64 to 4096 is possible",
                "txd=8192 | txd=8192: a power of two from 64 to 4096 is possible",
                "txd=-2147483648 | txd=-2147483648: a power of two from 64 to 4096 is possible",
                "pool=127 | pool=127: from 128 to 1048576 is possible",
                "pool=1048577 | pool=1048577: from 128 to 1048576 is possible",
                "mtu=67 | mtu=67: from 68 to 9710 is possible",
                "mtu=9711 | mtu=9711: from 68 to 9710 is possible",
                "offloads=tso | offloads=tso: possible are checksum, vlan-strip, rss-hash",
                "offloads=checksum, | offloads=checksum,: possible are checksum, vlan-strip, rss-hash"
            })
    void whatIsNotPossibleIsExplained(String options, String message) {
        assertThatThrownBy(() -> withOptions(options))
                .isInstanceOf(DeviceException.class)
                .hasMessage(message);
    }
}
