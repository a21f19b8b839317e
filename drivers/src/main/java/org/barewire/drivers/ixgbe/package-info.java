/// The driver for Intel's 82599, X540 and X550.
package org.barewire.drivers.ixgbe;
