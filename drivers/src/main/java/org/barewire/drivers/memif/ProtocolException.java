package org.barewire.drivers.memif;

import java.io.Serial;

/// A connection comes to its end, or does not come about: the message says why.
final class ProtocolException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    ProtocolException(String message) {
        super(message);
    }
}
