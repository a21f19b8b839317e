package org.barewire.guest;

/// What became of numbered frames.
///
/// @param sent       how many were
/// @param received   how many arrived unchanged, each counted once
/// @param lost       how many did not
/// @param duplicated how many arrived again
/// @param changed    how many numbered frames arrived that are not as they were sent
/// @param others     frames of other types that arrived, as the kernel sends them by itself
/// @param complaint  what was wrong first, or an empty string
record Report(int sent, int received, int lost, int duplicated, int changed, int others, String complaint) {
    /// Fails unless `count` were sent, and all arrived once and unchanged.
    void assertIsComplete(int count) {
        if (sent != count || received != count || !complaint.isEmpty()) {
            throw new AssertionError("not every one of %d frames has passed unchanged: %s".formatted(count, this));
        }
    }
}
