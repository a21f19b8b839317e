package org.barewire.core.device;

import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Receive side scaling: which fields are hashed (Toeplitz, with `key`), and which queue each hash goes to.
///
/// @param key    40 bytes in hexadecimal
/// @param fields what is hashed; a packet that none of them fits goes to queue 0
/// @param table  queue for the low 7 bits of the hash, 128 entries; or empty: the queues in turn
public record RssConfig(String key, Set<Field> fields, List<Integer> table) {
    /// A kind of packet, and the fields of it that are hashed.
    public enum Field {
        /// Source and destination address.
        IPV4,
        /// Source and destination address and port.
        IPV4_TCP,
        /// Source and destination address and port.
        IPV4_UDP,
        /// Source and destination address.
        IPV6,
        /// Source and destination address and port.
        IPV6_TCP,
        /// Source and destination address and port.
        IPV6_UDP
    }

    public static final int KEY_BYTES = 40;
    public static final int TABLE_ENTRIES = 128;

    public RssConfig {
        if (!key.matches("[0-9a-fA-F]{80}")) {
            throw new DeviceException("'%s' is not an RSS key: %d bytes in hexadecimal".formatted(key, KEY_BYTES));
        }
        if (!table.isEmpty() && table.size() != TABLE_ENTRIES) {
            throw new DeviceException(
                    "an RSS redirection table has %d entries, not %d".formatted(TABLE_ENTRIES, table.size()));
        }
        fields = Set.copyOf(fields);
        table = List.copyOf(table);
    }

    /// All fields, the queues in turn, and a key of repeated 0x6D5A, which sends both directions of a flow to
    /// the same queue (Woo and Park, "Scalable TCP Session Monitoring with Symmetric Receive-side Scaling",
    /// 2012).
    public static RssConfig standard() {
        return new RssConfig("6d5a".repeat(KEY_BYTES / 2), EnumSet.allOf(Field.class), List.of());
    }

    /// The key as a new array.
    public byte[] keyBytes() {
        return HexFormat.of().parseHex(key);
    }

    /// The queue that entry `index` of the redirection table names when there are `queues` of them.
    public int queue(int index, int queues) {
        int queue = table.isEmpty() ? index % queues : table.get(index);
        if (queue < 0 || queue >= queues) {
            throw new DeviceException(
                    "entry %d of the RSS redirection table names queue %d of %d".formatted(index, queue, queues));
        }
        return queue;
    }
}
