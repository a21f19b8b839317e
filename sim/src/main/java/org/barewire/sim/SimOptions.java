package org.barewire.sim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.OptionReader;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.drivers.pci.Throttle;
import org.jspecify.annotations.Nullable;

/// What the options of a simulated card's name say.
///
/// @param throttle     of its receive queues' interrupts
/// @param wire         the wire that it shares with another card; null for one of its own with a tester
/// @param send         what the tester sends from the start; null for nothing
/// @param testerConfig what the tester sends when it is told to
record SimOptions(
        IxgbeModel model,
        MacAddress address,
        Throttle throttle,
        @Nullable String wire,
        WireConfig wireConfig,
        @Nullable Load send,
        TesterConfig testerConfig) {
    static final Map<String, String> OPTIONS = options();

    /// @param number of the card, from 1: makes its address and its tester's stream different from others'
    static SimOptions parse(DeviceName name, int number) {
        Map<String, String> given = name.options();
        if (name.path().isEmpty()) {
            throw new DeviceException("'%s': a simulated card needs a name, like sim:a".formatted(name));
        }
        OptionReader reader = new OptionReader(given);
        String wire = given.get("wire");
        for (String option : new String[] {"send", "size", "flows", "window"}) {
            if (wire != null && given.containsKey(option)) {
                throw new DeviceException(
                        "%s: %s is for the tester, and where wire= is given there is none".formatted(name, option));
            }
        }
        MacAddress address = reader.macAddress("mac", new MacAddress(0x02BA_5E00_0000L | number));
        if (address.isMulticast() || address.bits() == 0) {
            throw new DeviceException(
                    "mac=%s: a card has an address of its own, neither zero nor a multicast one".formatted(address));
        }
        Load send = reader.has("send") ? load(reader.text("send", "")) : null;
        return new SimOptions(
                model(reader.text("id", "10fb")),
                address,
                Throttle.parse(given, Ixgbe.LONGEST_THROTTLE),
                wire,
                WireConfig.standard().withOptions(given),
                send,
                testerConfig(reader, address, number, send));
    }

    private static TesterConfig testerConfig(OptionReader reader, MacAddress address, int number, @Nullable Load send) {
        ProbeHeaders headers = ProbeHeaders.standard()
                .withDestination(address)
                .withFlows(reader.number("flows", 1, 1, ProbeHeaders.MAX_FLOWS));
        TesterConfig config = TesterConfig.standard()
                .withStream(number & 0xFFFF)
                .withHeaders(headers)
                .withSizes(sizes(reader.text("size", "60")));
        Load load = send == null ? config.load() : send;
        return config.withLoad(load.withWindow(reader.number("window", 0, 0, Load.MAX_WINDOW)));
    }

    private static Load load(String text) {
        try {
            return Load.parse(text);
        } catch (DeviceException e) {
            throw new DeviceException("send=" + e.getMessage(), e);
        }
    }

    private static FrameSizes sizes(String text) {
        try {
            return FrameSizes.parse(text);
        } catch (IllegalArgumentException e) {
            throw new DeviceException("size=%s: %s".formatted(text, e.getMessage()), e);
        }
    }

    private static IxgbeModel model(String id) {
        try {
            return IxgbeModel.of(Integer.parseInt(id, 16)).orElseThrow(() -> unknownModel(id, null));
        } catch (NumberFormatException e) {
            throw unknownModel(id, e);
        }
    }

    private static DeviceException unknownModel(String id, @Nullable Exception cause) {
        String message =
                "id=%s: the PCI device id of an 82599 in hexadecimal is needed, like 10fb or 10f7".formatted(id);
        return cause == null ? new DeviceException(message) : new DeviceException(message, cause);
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("wire", "name of the wire; two cards on the same one are joined");
        options.put("id", "PCI device id: 10fb (SFP+, the default), 10f7 or 1517 (backplane), 1528 (10GBASE-T)");
        options.put("mac", "Ethernet address, like 02:00:00:00:00:01");
        options.putAll(Throttle.OPTIONS);
        options.put("send", "what the tester sends from the start: 1mpps, 5g, unlimited");
        options.put("size", "size of the tester's frames: bytes without check sequence, or imix");
        options.put("flows", "flows that the tester sends, 1 to 16384");
        options.put("window", "frames that the tester lets be under way at most; 0, the default, for any number");
        options.putAll(WireConfig.OPTIONS);
        return java.util.Collections.unmodifiableMap(options);
    }
}
