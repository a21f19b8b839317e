package org.barewire.core.device;

/// One thing that was looked at to see whether a device can be opened, or could be put to better use.
///
/// @param topic what it is about, in a few words
/// @param text  what is there
/// @param cure  a command or a flag that improves it; empty where nothing needs to be done
public record Finding(String topic, Verdict verdict, String text, String cure) {
    /// How much a finding matters.
    public enum Verdict {
        /// As it should be.
        GOOD,
        /// The device works, but slower or with less than it could.
        COULD_BE_BETTER,
        /// The device can't be opened.
        MISSING
    }
}
