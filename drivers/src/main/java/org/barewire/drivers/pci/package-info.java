/// PCI devices: finding them, taking them from the kernel, their registers, DMA and interrupts.
package org.barewire.drivers.pci;
