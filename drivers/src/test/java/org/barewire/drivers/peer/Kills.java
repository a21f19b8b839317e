package org.barewire.drivers.peer;

/// How often something is killed and started again, in tests of tag `survival`: three times, or as often as
/// `-Dbarewire.peer.kills` says. `bench/run survive` does it a hundred times.
public final class Kills {
    public static final int COUNT = Integer.getInteger("barewire.peer.kills", 3);

    private Kills() {}
}
