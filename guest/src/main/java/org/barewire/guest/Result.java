package org.barewire.guest;

/// How a command ended in a guest.
///
/// @param status its exit status, 0 if all went well
/// @param output what it wrote, errors among it, without the last line's end
record Result(int status, String output) {
    /// What it wrote, if all went well.
    String orFail() {
        if (status != 0) {
            throw new AssertionError("a command in the guest ended with status %d:%n%s".formatted(status, output));
        }
        return output;
    }
}
