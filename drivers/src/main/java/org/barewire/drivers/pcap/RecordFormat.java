package org.barewire.drivers.pcap;

/// How frames are put down in a file: what the file begins with, a record for each frame, what it ends with.
interface RecordFormat {
    /// What a file begins with.
    byte[] beginning();

    /// What a file ends with.
    ///
    /// @param received packets that were there to be written so far
    /// @param dropped  those of them that were not
    byte[] ending(long timeNanos, long received, long dropped);

    /// Bytes of the record of a frame of which `captured` bytes are kept.
    int recordLength(int captured);

    /// Bytes of a record in front of the frame's.
    int headerLength();

    /// Writes what is before and behind the frame's bytes.
    ///
    /// @param record    where the record begins
    /// @param timeNanos since 1970
    /// @param original  bytes that the frame had
    void frame(long record, long timeNanos, int captured, int original);

    /// Bytes of a record that has been written.
    int lengthOf(long record);

    /// When the frame of a record was captured, in nanoseconds since 1970.
    long timeOf(long record);
}
