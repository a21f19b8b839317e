package org.barewire.core.linux;

import java.io.Serial;

/// A system call failed: the message says what was tried, what Linux answered and, where known, what helps.
public final class LinuxException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private final int errno;

    public LinuxException(String whatWasTried, int errno) {
        this(whatWasTried, errno, "");
    }

    /// @param cure a sentence that says what the user can do, or an empty string
    public LinuxException(String whatWasTried, int errno, String cure) {
        super("%s: %s%s".formatted(whatWasTried, Errno.describe(errno), cure.isEmpty() ? "" : ". " + cure));
        this.errno = errno;
    }

    /// The error number, see {@link Errno}.
    public int errno() {
        return errno;
    }
}
