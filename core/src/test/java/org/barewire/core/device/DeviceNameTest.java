package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceNameTest {
    @Test
    void aNameIsASchemeAPathAndOptions() {
        DeviceName name = DeviceName.parse("sim:a?queues=2&wire=w");
        assertThat(name.scheme()).isEqualTo("sim");
        assertThat(name.path()).isEqualTo("a");
        assertThat(name.options()).containsExactly(entry("queues", "2"), entry("wire", "w"));
        assertThat(name.device()).isEqualTo("sim:a");
        assertThat(name).hasToString("sim:a?queues=2&wire=w");
    }

    @ParameterizedTest
    @CsvSource({
        "0000:03:00.0, 0000:03:00.0",
        "03:00.0, 0000:03:00.0",
        "pci:03:00.0, 0000:03:00.0",
        "pci:000A:0B:1F.7, 000a:0b:1f.7",
        "10AF:C3:00.1, 10af:c3:00.1"
    })
    void aPciAddressIsAName(String text, String address) {
        DeviceName name = DeviceName.parse(text + "?queues=2");
        assertThat(name.scheme()).isEqualTo(DeviceName.PCI);
        assertThat(name.path()).isEqualTo(address);
        assertThat(name.device()).isEqualTo(address);
        assertThat(name).hasToString(address + "?queues=2");
    }

    @Test
    void thePathIsTheSchemesOwn() {
        assertThat(DeviceName.parse("null:").path()).isEmpty();
        assertThat(DeviceName.parse("pcap:/tmp/a b:c.pcap").path()).isEqualTo("/tmp/a b:c.pcap");
        assertThat(DeviceName.parse("vhost-user:/run/vm.sock").scheme()).isEqualTo("vhost-user");
    }

    @Test
    void anOptionsValueMayBeEmptyOrHoldAnEqualsSign() {
        assertThat(DeviceName.parse("sim:a?x=&y=1=2").options()).containsExactly(entry("x", ""), entry("y", "1=2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nosuch0", "Sim:a", ":a", "4:a", "0000:03:00.8", "03:00", "sim", "-:x", "a_b:c"})
    void whatIsNoNameIsExplained(String text) {
        assertThatThrownBy(() -> DeviceName.parse(text))
                .isInstanceOf(DeviceException.class)
                .hasMessage(
                        "'%s' is not a device name: those look like sim:a or 0000:03:00.0. 'barewire devices' lists some.",
                        text);
    }

    @Test
    void anInterfaceWithoutItsSchemeIsOfferedWithIt() {
        assertThatThrownBy(() -> DeviceName.parse("lo?queues=2"))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("afpacket:lo?queues=2.");
    }

    @Test
    void aFileWithoutItsSchemeIsOfferedWithIt(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("in.pcap"));
        assertThatThrownBy(() -> DeviceName.parse(file.toString()))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("pcap:" + file + ".");
    }

    @ParameterizedTest
    @CsvSource({"sim:a?, ''", "sim:a?queues, queues", "sim:a?=2, =2", "sim:a?x=1&, ''", "sim:a?x=1&&y=2, ''"})
    void whatIsNoOptionIsExplained(String text, String option) {
        assertThatThrownBy(() -> DeviceName.parse(text))
                .isInstanceOf(DeviceException.class)
                .hasMessage("'%s' in device name '%s' is not an option like queues=2", option, text);
    }

    @Test
    void anOptionIsGivenOnce() {
        assertThatThrownBy(() -> DeviceName.parse("sim:a?x=1&x=1"))
                .hasMessage("device name 'sim:a?x=1&x=1' gives option 'x' twice");
    }

    @Test
    void aNameThatNoDriverOpensIsExplained() {
        assertThatThrownBy(() -> NetDevice.open("nosuch:a?x=1"))
                .isInstanceOf(DeviceException.class)
                .hasMessage("no driver here opens 'nosuch:a'. There are drivers for: nothing");
    }
}
