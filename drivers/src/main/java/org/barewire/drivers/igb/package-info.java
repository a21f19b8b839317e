/// The driver for Intel's 1 Gbit/s network cards: 82576, i350 and i210 (igb) and their virtual functions
/// (igbvf), 82574 (e1000e), 82540 and 82545 (e1000).
package org.barewire.drivers.igb;
