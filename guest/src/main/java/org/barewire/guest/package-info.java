/// Virtual machines to try drivers in: booted by the tests, with the project's classes and a JVM inside, and
/// with the far end of their network cards in the test's hands.
@org.jspecify.annotations.NullMarked
package org.barewire.guest;
