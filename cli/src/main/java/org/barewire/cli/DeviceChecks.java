package org.barewire.cli;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProviders;
import org.barewire.core.device.Finding;
import org.barewire.core.linux.SystemFiles;

/// What it takes to open one device, by the driver that knows it.
final class DeviceChecks {
    private DeviceChecks() {}

    static List<Check> run(SystemFiles files, String device) {
        try {
            DeviceName name = DeviceName.parse(device);
            List<Check> checks = DeviceProviders.all().stream()
                    .filter(provider -> provider.scheme().equals(name.scheme()))
                    .flatMap(provider -> provider.examine(name).stream())
                    .map(DeviceChecks::check)
                    .toList();
            if (checks.isEmpty()) {
                checks = PortChecks.run(files, name);
            }
            return checks.isEmpty()
                    ? List.of(Check.couldBeBetter(
                            "device", "nothing is known here of " + name.device(), "afxdp:eth1 or 0000:03:00.0"))
                    : checks;
        } catch (DeviceException e) {
            return List.of(Check.missing("device", String.valueOf(e.getMessage()), "barewire devices"));
        }
    }

    private static Check check(Finding finding) {
        Check.Verdict verdict = switch (finding.verdict()) {
            case GOOD -> Check.Verdict.OK;
            case COULD_BE_BETTER -> Check.Verdict.COULD_BE_BETTER;
            case MISSING -> Check.Verdict.MISSING;
        };
        return new Check(finding.topic(), verdict, finding.text(), finding.cure());
    }
}
