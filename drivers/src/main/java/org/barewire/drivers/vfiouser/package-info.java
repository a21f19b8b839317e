/// The vfio-user protocol (QEMU, docs/interop/vfio-user.rst): its messages, and PCI devices that another process
/// plays.
package org.barewire.drivers.vfiouser;
