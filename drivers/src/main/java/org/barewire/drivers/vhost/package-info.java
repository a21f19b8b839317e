/// The vhost-user protocol, by which a virtio driver and the device side of it agree on shared memory and rings; what
/// both sides of a virtio-net device have in common; and the device side, `vhost-user:SOCKET`. See docs/vhost-user.md.
package org.barewire.drivers.vhost;
