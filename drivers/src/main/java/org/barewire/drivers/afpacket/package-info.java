/// Interfaces of the kernel over packet sockets: `afpacket:IF`. See docs/afpacket.md.
package org.barewire.drivers.afpacket;
