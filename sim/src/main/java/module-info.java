/// Simulated network cards: device models, the wires between them, and testers at their ends.
@org.jspecify.annotations.NullMarked
module org.barewire.sim {
    requires static transitive org.jspecify;
    requires transitive org.barewire.core;
    requires transitive org.barewire.drivers;

    exports org.barewire.sim;
    exports org.barewire.sim.vfiouser;

    provides org.barewire.core.device.DeviceProvider with
            org.barewire.sim.SimProvider;
}
