/// Network devices as every driver presents them: names, queues, relays, statistics.
///
/// ```java
/// try (NetDevice nic = NetDevice.open("sim:a")) {
///     RxQueue rx = nic.rx(0);
///     TxQueue tx = nic.tx(0);
///     long[] packets = new long[32];
///     while (!Thread.interrupted()) {
///         int received = rx.receive(packets);
///         for (int i = 0; i < received; i++) {
///             Ethernet.swapAddresses(packets[i]);
///         }
///         tx.sendOrRelease(packets, received);
///     }
/// }
/// ```
package org.barewire.core.device;
