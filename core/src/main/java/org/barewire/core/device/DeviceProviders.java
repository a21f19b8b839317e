package org.barewire.core.device;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The providers that this program was started with.
public final class DeviceProviders {
    private DeviceProviders() {}

    /// All of them, by scheme.
    public static List<DeviceProvider> all() {
        List<DeviceProvider> providers = new ArrayList<>();
        ServiceLoader.load(DeviceProvider.class).forEach(providers::add);
        providers.sort(Comparator.comparing(DeviceProvider::scheme));
        return providers;
    }

    /// The provider that opens a name; all of the name's options are ones that it knows.
    ///
    /// @throws DeviceException if there is none, or an option is unknown
    static DeviceProvider find(DeviceName name) {
        List<DeviceProvider> providers = all();
        DeviceProvider provider = providers.stream()
                .filter(p -> p.scheme().equals(name.scheme()))
                .findFirst()
                .orElseThrow(() -> new DeviceException(unknownScheme(name, providers)));
        Set<String> known = new TreeSet<>(provider.options().keySet());
        known.addAll(DeviceConfig.OPTIONS.keySet());
        for (String option : name.options().keySet()) {
            if (!known.contains(option)) {
                throw new DeviceException(
                        "%s has no option '%s'. It has: %s".formatted(name.device(), option, String.join(", ", known)));
            }
        }
        return provider;
    }

    private static String unknownScheme(DeviceName name, List<DeviceProvider> providers) {
        String schemes = providers.stream().map(p -> p.scheme() + ":").collect(Collectors.joining(", "));
        return "no driver here opens '%s'. There are drivers for: %s"
                .formatted(name.device(), schemes.isEmpty() ? "nothing" : schemes);
    }
}
