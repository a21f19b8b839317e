package org.barewire.drivers.vhost;

import java.io.Serial;

/// A front end did what the protocol does not allow; the connection is closed.
final class ProtocolException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /// @param what what it sent, as the end of a sentence
    ProtocolException(String what) {
        super(what);
    }

    /// Throws unless a message has so many bytes of payload at least.
    static void unlessSize(VhostMessage message, int bytes) {
        if (message.size() < bytes) {
            throw new ProtocolException("a truncated message: " + message);
        }
    }

    /// Throws unless a message has exactly so many descriptors.
    static void unlessFds(VhostMessage message, int count) {
        if (message.fds() != count) {
            throw new ProtocolException(
                    "a message with another number of descriptors than %d: %s".formatted(count, message));
        }
    }
}
