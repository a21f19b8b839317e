/// The memif driver: packets to and from other processes on the same machine over shared memory, protocol
/// version 2.0. Names in the code are the protocol's: the *client* brings memory and rings, the *server* uses
/// them; C2S and S2C are the directions.
package org.barewire.drivers.memif;
