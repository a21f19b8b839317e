/// The driver side of virtio network devices: rings, packet headers, and the port that meets a vhost-user
/// peer.
package org.barewire.drivers.virtio;
