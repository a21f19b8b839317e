/// The vhost-user protocol, by which a virtio driver and the device side of it agree on shared memory and rings; and
/// what both sides of a virtio-net device have in common.
package org.barewire.drivers.vhost;
