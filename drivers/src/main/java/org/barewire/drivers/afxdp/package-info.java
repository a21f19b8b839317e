/// The kernel's own interfaces, shared with it, over AF_XDP sockets. See docs/afxdp.md.
package org.barewire.drivers.afxdp;
