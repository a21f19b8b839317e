/// Packets, the pools they come from, and the headers in them.
package org.barewire.core.packet;
