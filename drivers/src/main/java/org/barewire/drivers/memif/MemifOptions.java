package org.barewire.drivers.memif;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.OptionReader;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.SoftPort;

/// What the options of a memif port's name say.
///
/// @param id         of the interface, on both sides the same
/// @param secret     that both sides know, at most 24 bytes; empty for none
/// @param ringSize   slots of each ring, a power of two
/// @param bufferSize bytes of a client's buffers that are not packet buffers
/// @param zeroCopy   as a client, share all packet memory and leave packets where they are
record MemifOptions(
        Role role, int id, String secret, int ringSize, int bufferSize, boolean zeroCopy, MacAddress address) {
    static final Map<String, String> OPTIONS = options();

    /// Who brings the memory.
    enum Role {
        CLIENT,
        SERVER
    }

    private static final int MAX_SECRET = 24;

    static MemifOptions parse(DeviceName name) {
        OptionReader given = new OptionReader(name.options());
        String secret = given.text("secret", "");
        if (secret.getBytes(StandardCharsets.UTF_8).length > MAX_SECRET) {
            throw new DeviceException("secret=%s: at most %d bytes are possible".formatted(secret, MAX_SECRET));
        }
        Role role = given.oneOf("role", Role.CLIENT);
        boolean zeroCopy = given.flag("zero-copy", false);
        if (zeroCopy && role == Role.SERVER) {
            throw new DeviceException(
                    "%s: zero-copy is for the client, whose memory it is; the server always copies".formatted(name));
        }
        return new MemifOptions(
                role,
                given.number("id", 0, 0, Integer.MAX_VALUE),
                secret,
                given.powerOfTwo("ring-size", 1024, 2, 1 << Layout.MAX_LOG2_SIZE),
                given.powerOfTwo("buffer-size", 2048, 128, 65536 / 2),
                zeroCopy,
                given.macAddress("mac", SoftPort.localAddress(name.toString())));
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("role", "client (the default), which brings the memory, or server, which listens at the socket");
        options.put("id", "number of the interface, the same on both sides; 0 by default");
        options.put("secret", "up to 24 bytes that both sides must know");
        options.put("ring-size", "client: slots of each ring, a power of two from 2 to 16384; 1024 by default");
        options.put("buffer-size", "client: bytes of each slot's buffer, a power of two from 128 to 32768; 2048");
        options.put("zero-copy", "client: yes shares all packet memory with the server, which must be trusted");
        options.put("mac", "Ethernet address, like 02:00:00:00:00:01");
        return options;
    }
}
