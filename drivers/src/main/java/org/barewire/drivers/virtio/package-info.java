/// The driver side of virtio network devices: rings, packet headers, and the ports that use them, one on the
/// PCI bus and one that meets a vhost-user peer.
package org.barewire.drivers.virtio;
