/// Interfaces of the kernel whose other end is the program: `tap:NAME`. See docs/tap.md.
package org.barewire.drivers.tap;
