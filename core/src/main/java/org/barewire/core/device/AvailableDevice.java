package org.barewire.core.device;

/// A device that `barewire devices` lists.
///
/// @param name        the name to open it by
/// @param description vendor, model, kernel driver and the like, for people
/// @param numaNode    its NUMA node, or -1
/// @param link        its link, as far as can be told without opening it
/// @param obstacle    why it can't be opened now and what helps; empty if it can
public record AvailableDevice(String name, String description, int numaNode, LinkState link, String obstacle) {}
