/// `bench/run peers`: Barewire's ports beside DPDK's in the same role, with the same peer. See
/// docs/performance.md.
package org.barewire.bench.peers;
