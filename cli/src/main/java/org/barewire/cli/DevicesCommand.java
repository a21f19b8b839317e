package org.barewire.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.DeviceProviders;
import org.barewire.core.linux.SystemFiles;
import org.barewire.drivers.pci.KernelInterface;
import org.barewire.drivers.pci.PciCard;
import org.barewire.drivers.pci.PciCards;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `barewire devices`: the machine's network cards, whether they can be opened, and the names that can be.
@Command(
        name = "devices",
        description = {
            "Lists the machine's PCI network cards, whether Barewire can open them and what to do if it can't; then "
                    + "every kind of device name that can be opened, with its options.",
            "Needs no privileges and changes nothing."
        },
        mixinStandardHelpOptions = true)
final class DevicesCommand implements Runnable {
    private final SystemFiles files;
    private final Function<String, List<String>> addresses;
    private final Supplier<List<DeviceProvider>> providers;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object to standard output.")
    private boolean json;

    /// For picocli.
    DevicesCommand() {
        this(SystemFiles.ofMachine(), KernelInterface::addressesOf, DeviceProviders::all);
    }

    /// @param addresses an interface's addresses by its name
    DevicesCommand(
            SystemFiles files, Function<String, List<String>> addresses, Supplier<List<DeviceProvider>> providers) {
        this.files = files;
        this.addresses = addresses;
        this.providers = providers;
    }

    @Override
    public void run() {
        List<PciCard> cards = new PciCards(files, addresses).find();
        String report = json ? json(cards).toString() + '\n' : text(cards);
        spec.commandLine().getOut().print(report);
        spec.commandLine().getOut().flush();
    }

    private String text(List<PciCard> cards) {
        StringBuilder text = new StringBuilder("PCI network cards\n");
        if (cards.isEmpty()) {
            text.append("  none\n");
        }
        cards.forEach(card -> text.append(text(card)));
        text.append("\nNames to open\n");
        providers.get().forEach(provider -> text.append(text(provider)));
        text.append("\nOptions of every name, as in sim:a?queues=2&mtu=9000\n").append(text(DeviceConfig.OPTIONS));
        return text.toString();
    }

    private static String text(PciCard card) {
        StringBuilder text = new StringBuilder();
        text.append(Paragraph.of("  " + card.address() + "  ", (card.idText() + " " + card.name()).strip()));
        String driver = card.driver().isEmpty() ? "no kernel driver" : "kernel driver " + card.driver();
        String node = card.numaNode() < 0 ? "no NUMA node" : "NUMA node " + card.numaNode();
        String group = card.iommuGroup().isEmpty() ? "no IOMMU group" : "IOMMU group " + card.iommuGroup();
        text.append(Paragraph.of("    ", "%s, %s, %s".formatted(driver, node, group)));
        card.interfaces().forEach(i -> text.append(Paragraph.of("    ", i.toString())));
        List<String> obstacles = card.obstacles();
        if (obstacles.isEmpty()) {
            text.append(Paragraph.of("    ", "can be opened: " + card.address()));
        }
        if (!obstacles.isEmpty()) {
            text.append("    can't be opened:\n");
        }
        obstacles.forEach(obstacle -> text.append(Paragraph.of("      - ", obstacle)));
        return text.toString();
    }

    private static String text(DeviceProvider provider) {
        StringBuilder text = new StringBuilder(Paragraph.of("  ", provider.help()));
        for (AvailableDevice device : provider.available()) {
            text.append(Paragraph.of("    " + device.name() + "  ", device.description() + ", link " + device.link()));
            if (!device.obstacle().isEmpty()) {
                text.append(Paragraph.of("    can't be opened: ", device.obstacle()));
            }
        }
        return text.append(text(provider.options())).toString();
    }

    private static String text(Map<String, String> effects) {
        StringBuilder text = new StringBuilder();
        Map<String, String> options = new TreeMap<>(effects);
        int width = options.keySet().stream().mapToInt(String::length).max().orElse(0);
        options.forEach((name, effect) ->
                text.append(Paragraph.of("    " + name + "=" + " ".repeat(width - name.length() + 2), effect)));
        return text.toString();
    }

    private Json json(List<PciCard> cards) {
        Json options = new Json();
        DeviceConfig.OPTIONS.forEach(options::put);
        return new Json()
                .put("cards", cards.stream().map(DevicesCommand::json).toList())
                .put("names", providers.get().stream().map(DevicesCommand::json).toList())
                .put("options", options);
    }

    private static Json json(PciCard card) {
        List<String> obstacles = card.obstacles();
        return new Json()
                .put("address", card.address())
                .put("id", card.idText())
                .put("name", card.name())
                .put("kernel_driver", card.driver())
                .put("numa_node", card.numaNode())
                .put("iommu_group", card.iommuGroup())
                .put(
                        "interfaces",
                        card.interfaces().stream().map(DevicesCommand::json).toList())
                .put("can_be_opened", obstacles.isEmpty())
                .put("obstacles", obstacles);
    }

    private static Json json(KernelInterface net) {
        return new Json()
                .put("name", net.name())
                .put("state", net.state())
                .put("mbit_per_second", net.megabits())
                .put("enabled", net.enabled())
                .put("addresses", net.addresses())
                .put("master", net.master())
                .put("default_route", net.defaultRoute());
    }

    private static Json json(DeviceProvider provider) {
        Json options = new Json();
        provider.options().forEach(options::put);
        return new Json()
                .put("scheme", provider.scheme())
                .put("help", provider.help())
                .put("options", options)
                .put(
                        "available",
                        provider.available().stream().map(DevicesCommand::json).toList());
    }

    private static Json json(AvailableDevice device) {
        return new Json()
                .put("name", device.name())
                .put("description", device.description())
                .put("numa_node", device.numaNode())
                .put("link_up", device.link().up())
                .put("bits_per_second", device.link().bitsPerSecond())
                .put("obstacle", device.obstacle());
    }
}
