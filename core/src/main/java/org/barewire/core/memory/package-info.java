/// Packet memory, device registers, and the one class that touches raw memory.
package org.barewire.core.memory;
