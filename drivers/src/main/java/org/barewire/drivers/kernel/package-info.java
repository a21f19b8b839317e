/// What the ports over the Linux kernel share.
package org.barewire.drivers.kernel;
