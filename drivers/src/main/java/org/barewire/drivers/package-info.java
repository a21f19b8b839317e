/// What drivers of ports without hardware of their own have in common.
package org.barewire.drivers;
