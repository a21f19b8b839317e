package org.barewire.drivers.intel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.NetDevice;
import org.junit.jupiter.api.Test;

class StatisticsReaderTest {
    private final List<String> read = new ArrayList<>();

    @Test
    void aDeviceThatFailsDoesNotKeepOthersFromBeingRead() {
        StatisticsReader.read(List.of(device("a", false), device("b", true), device("c", false)));
        assertThat(read).containsExactly("a", "b", "c");
    }

    private NetDevice device(String name, boolean fails) {
        return (NetDevice) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {NetDevice.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("statistics");
                    read.add(name);
                    if (fails) {
                        throw new DeviceException(name + " has gone");
                    }
                    return new DeviceStatistics(0, 0, 0, 0, 0, 0, 0, Map.of());
                });
    }
}
