/// The port that swallows what is sent to it and gives frames without end.
package org.barewire.drivers.nothing;
