/// Linux system calls and what the kernel shows in sysfs and procfs; x86-64. A class for each family of
/// calls.
package org.barewire.core.linux;
