/// What drivers have in common.
package org.barewire.drivers;
