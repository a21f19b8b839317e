package org.barewire.core.device;

import java.util.Map;

/// What a device has counted since it was opened.
///
/// @param rxPackets good packets that were put into memory
/// @param rxBytes   their bytes, without the frame check sequence
/// @param rxMissed  packets that arrived and found no room: the receiver was too slow
/// @param rxErrors  packets that arrived damaged
/// @param txPackets packets that left
/// @param txBytes   their bytes, without the frame check sequence
/// @param txErrors  packets that could not be sent
/// @param details   every other counter of the device by its name in the datasheet, in that order
public record DeviceStatistics(
        long rxPackets,
        long rxBytes,
        long rxMissed,
        long rxErrors,
        long txPackets,
        long txBytes,
        long txErrors,
        Map<String, Long> details) {}
