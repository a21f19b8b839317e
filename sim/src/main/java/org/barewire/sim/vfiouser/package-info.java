/// Device models served to other processes' drivers over vfio-user.
package org.barewire.sim.vfiouser;
