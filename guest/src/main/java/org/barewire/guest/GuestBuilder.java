package org.barewire.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Says what a guest is made of, and boots it. QEMU 7.2 without IOMMU, 2 processors and 1 GiB of memory unless
/// something else is asked for.
final class GuestBuilder {
    static final int SHELLS = 3;

    private final String name;
    private final List<String> nics = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final List<String> modules = new ArrayList<>();
    private boolean iommu;
    private boolean sharedMemory;
    private boolean qemu11;
    private int hugePages;
    private int memory = 1024;
    private int processors = 2;

    GuestBuilder(String name) {
        this.name = name;
    }

    /// Puts an IOMMU in, Intel's, and loads what VFIO needs.
    GuestBuilder iommu() {
        iommu = true;
        return modules("vfio_pci", "vfio_iommu_type1");
    }

    /// Uses QEMU 11, which has `igb` and `vfio-user-pci`.
    GuestBuilder qemu11() {
        qemu11 = true;
        return this;
    }

    /// Processors; this machine's, if it has fewer, take turns.
    GuestBuilder processors(int count) {
        processors = count;
        return this;
    }

    /// MiB of memory.
    GuestBuilder memory(int mebibytes) {
        memory = mebibytes;
        return this;
    }

    /// Huge pages of 2 MiB, out of that memory.
    GuestBuilder hugePages(int pages) {
        hugePages = pages;
        return this;
    }

    /// Modules of the kernel to load, drivers for example; those that they need are loaded too.
    GuestBuilder modules(String... names) {
        modules.addAll(List.of(names));
        return this;
    }

    /// Lets other processes, servers of `vfio-user-pci` for example, map the guest's memory.
    GuestBuilder sharedMemory() {
        sharedMemory = true;
        return this;
    }

    /// Adds a network card with a {@link Wire}. The first has the address 0000:00:10.0 in the guest, the second
    /// 0000:00:11.0 and so on, unless `properties` put it behind another bus.
    ///
    /// @param properties of QEMU's device beyond netdev, mac, id (`nic0` and so on), romfile and addr; or empty
    GuestBuilder nic(String model, String properties) {
        int index = nics.size();
        String place = properties.contains("bus=") ? "" : ",addr=0x%x".formatted(0x10 + index);
        String more = properties.isEmpty() ? "" : "," + properties;
        nics.add("%s,id=nic%d,netdev=wire%d,romfile=%s%s".formatted(model, index, index, place, more));
        return this;
    }

    /// Adds arguments of QEMU's, before those for network cards: a bus, or a device without a wire.
    GuestBuilder qemu(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    /// Boots it and waits until its shells are there: about 8 seconds on an idle machine.
    Guest boot() {
        try {
            return new Guest(this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return name;
    }

    int nics() {
        return nics.size();
    }

    List<String> commandLine(List<Wire> wires, Channel monitor, List<Channel> shells) {
        List<String> line = new ArrayList<>(qemu11 ? Cache.qemu11() : List.of("qemu-system-x86_64"));
        add(line, "-name", name);
        add(line, "-M", "q35,kernel-irqchip=split" + (sharedMemory ? ",memory-backend=ram" : ""));
        add(line, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "" + processors, "-m", memory + "M");
        if (sharedMemory) {
            add(line, "-object", "memory-backend-memfd,id=ram,share=on,size=%dM".formatted(memory));
        }
        add(line, "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio");
        add(
                line,
                "-kernel",
                Cache.kernel().toString(),
                "-initrd",
                Cache.initramfs().toString());
        add(line, "-append", kernelCommandLine());
        if (iommu) {
            add(line, "-device", "intel-iommu,intremap=on,caching-mode=on");
        }
        add(line, "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap");
        add(line, "-device", "virtio-9p-pci,fsdev=host,mount_tag=host");
        add(line, "-chardev", monitor.chardev(), "-mon", "mode=control,chardev=" + monitor.name());
        add(line, "-device", "virtio-serial-pci");
        for (Channel shell : shells) {
            add(line, "-chardev", shell.chardev(), "-device", "virtserialport,chardev=" + shell.name());
        }
        line.addAll(arguments);
        for (int i = 0; i < wires.size(); i++) {
            add(line, "-netdev", wires.get(i).netdev());
            add(line, "-device", nics.get(i) + ",mac=" + wires.get(i).guestAddress());
        }
        return line;
    }

    private String kernelCommandLine() {
        Path kernel = Cache.modules().toAbsolutePath();
        return "console=ttyS0 quiet panic=-1 %sbarewire.kernel=%s barewire.hugepages=%d barewire.modules=%s"
                .formatted(iommu ? "intel_iommu=on iommu=pt " : "", kernel, hugePages, String.join(",", modules));
    }

    private static void add(List<String> line, String... words) {
        line.addAll(List.of(words));
    }
}
