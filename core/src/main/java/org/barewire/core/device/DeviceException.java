package org.barewire.core.device;

import java.io.Serial;

/// A device cannot be opened or does not do what it was asked: the message is a sentence that says what was
/// tried, what came of it and what the user can do.
public final class DeviceException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
