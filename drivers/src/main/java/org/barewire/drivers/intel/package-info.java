/// What the drivers of Intel's network cards share: descriptors, the rings they are in, the starting of queues,
/// the reading of counters.
package org.barewire.drivers.intel;
