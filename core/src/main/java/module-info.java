/// Packet memory, packets and their headers, the device interface, and the Linux system calls under them.
///
/// Needs nothing but the JDK. A program that uses it is started with
/// `--enable-native-access=org.barewire.core`.
@org.jspecify.annotations.NullMarked
module org.barewire.core {
    requires static transitive org.jspecify;

    exports org.barewire.core.device;
    exports org.barewire.core.linux;
    exports org.barewire.core.memory;
    exports org.barewire.core.packet;

    uses org.barewire.core.device.DeviceProvider;
}
