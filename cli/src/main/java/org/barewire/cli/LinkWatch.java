package org.barewire.cli;

import java.util.List;
import java.util.function.Consumer;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;

/// Tells people which devices have no link and why, and when that changes: a run without packets says
/// nothing of its reason otherwise. For the control plane's thread, once a second and when the run is over.
final class LinkWatch {
    private final List<Watched> devices;
    private final Consumer<String> listener;

    /// @param listener takes a sentence for each change
    LinkWatch(List<? extends NetDevice> devices, Consumer<String> listener) {
        this.devices = devices.stream().map(Watched::new).toList();
        this.listener = listener;
    }

    /// Tells what has changed since the last time; the first time, which links are down.
    void look() {
        devices.forEach(device -> device.look(listener));
    }

    /// Whether one of the devices had been removed when they were last looked at. The run is over then, and
    /// {@link Endings} says why.
    boolean removed() {
        return devices.stream().anyMatch(device -> device.told.removed());
    }

    private static final class Watched {
        private final NetDevice device;
        private final String name; // without options, of which one may be a secret
        private LinkState told = LinkState.up(0);
        private boolean wasUp;

        Watched(NetDevice device) {
            this.device = device;
            this.name = DeviceName.parse(device.name()).device();
        }

        void look(Consumer<String> listener) {
            LinkState now = device.link();
            if (now.up() && !told.up()) {
                listener.accept("%s: the link is up%s".formatted(name, wasUp ? " again" : ""));
            } else if (!now.up() && !now.removed() && !now.equals(told)) {
                String what = told.up() && wasUp ? "the link went down" : "no link";
                listener.accept("%s: %s: %s".formatted(name, what, now.reason()));
            }
            told = now;
            wasUp |= now.up();
        }
    }
}
