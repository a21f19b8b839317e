/// Captured packets in files.
package org.barewire.drivers.pcap;
