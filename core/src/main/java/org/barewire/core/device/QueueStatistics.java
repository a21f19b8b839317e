package org.barewire.core.device;

/// What one queue has counted since it was started.
///
/// @param packets  packets received or handed to the device
/// @param dropped  packets lost at this queue: no buffer to receive into, or no room to send
/// @param errors   packets that the device reported as damaged, or that could not be sent as asked
public record QueueStatistics(long packets, long dropped, long errors) {
    public QueueStatistics plus(QueueStatistics other) {
        return new QueueStatistics(packets + other.packets, dropped + other.dropped, errors + other.errors);
    }
}
