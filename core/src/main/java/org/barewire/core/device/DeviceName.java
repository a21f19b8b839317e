package org.barewire.core.device;

import java.io.File;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A device's name: a scheme, what the scheme makes of the rest, and options.
///
/// `SCHEME:PATH?KEY=VALUE&KEY=VALUE`, as in `sim:a?queues=2`; or a PCI address as in `0000:03:00.0`, whose
/// scheme is `pci`. The domain `0000:` may be left out.
///
/// @param scheme  which provider opens it
/// @param path    what is left without scheme and options; may be empty
/// @param options in the order they were given
public record DeviceName(String scheme, String path, Map<String, String> options) {
    /// The scheme of names that are PCI addresses.
    public static final String PCI = "pci";

    private static final Pattern PCI_ADDRESS =
            Pattern.compile("(?:pci:)?([0-9a-fA-F]{4}:)?([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])");
    private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9-]*):(.*)");

    public DeviceName {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /// Takes a name apart.
    ///
    /// @throws DeviceException if it has not the form of one
    public static DeviceName parse(String name) {
        int mark = name.indexOf('?');
        String device = mark < 0 ? name : name.substring(0, mark);
        Map<String, String> options = mark < 0 ? Map.of() : parseOptions(name, name.substring(mark + 1));
        Matcher pci = PCI_ADDRESS.matcher(device);
        if (pci.matches()) {
            String domain = pci.group(1) == null ? "0000:" : pci.group(1);
            return new DeviceName(PCI, (domain + pci.group(2)).toLowerCase(Locale.ROOT), options);
        }
        Matcher form = FORM.matcher(device);
        if (!form.matches()) {
            throw new DeviceException("'%s' is not a device name: %s. 'barewire devices' lists some."
                    .formatted(name, nameMeant(name, device)));
        }
        return new DeviceName(form.group(1), form.group(2), options);
    }

    /// What somebody may have meant who left the scheme out.
    private static String nameMeant(String name, String device) {
        if (new File("/sys/class/net/" + device, "ifindex").exists()) {
            return "the kernel's interface is afpacket:" + name;
        }
        return new File(device).isFile() ? "the capture file is pcap:" + name : "those look like sim:a or 0000:03:00.0";
    }

    private static Map<String, String> parseOptions(String name, String text) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : text.split("&", -1)) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new DeviceException(
                        "'%s' in device name '%s' is not an option like queues=2".formatted(option, name));
            }
            if (options.put(option.substring(0, equals), option.substring(equals + 1)) != null) {
                throw new DeviceException(
                        "device name '%s' gives option '%s' twice".formatted(name, option.substring(0, equals)));
            }
        }
        return options;
    }

    /// The name without its options.
    public String device() {
        return scheme.equals(PCI) ? path : scheme + ":" + path;
    }

    @Override
    public String toString() {
        if (options.isEmpty()) {
            return device();
        }
        StringBuilder text = new StringBuilder(device());
        char separator = '?';
        for (var option : options.entrySet()) {
            text.append(separator).append(option.getKey()).append('=').append(option.getValue());
            separator = '&';
        }
        return text.toString();
    }
}
