package org.barewire.drivers.afxdp;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.linux.XdpSocket;

/// Adds up what the queues and the kernel have counted. Only for the control plane: each socket is a system
/// call.
final class AfxdpStatistics {
    private static final QueueStatistics NONE = new QueueStatistics(0, 0, 0);

    private QueueStatistics received = NONE;
    private QueueStatistics sent = NONE;
    private long rxBytes;
    private long txBytes;
    private long copied;
    private long dropped;
    private long fillInvalid;
    private long txInvalid;
    private long ringFull;
    private long fillEmpty;
    private long txEmpty;

    static DeviceStatistics of(Channel[] channels) {
        AfxdpStatistics sum = new AfxdpStatistics();
        for (Channel channel : channels) {
            sum.add(channel);
        }
        return sum.statistics();
    }

    private void add(Channel channel) {
        AfxdpRxQueue rx = channel.rx();
        if (rx != null) {
            received = received.plus(rx.statistics());
            rxBytes += rx.bytes();
        }
        AfxdpTxQueue tx = channel.tx();
        if (tx != null) {
            sent = sent.plus(tx.statistics());
            txBytes += tx.bytes();
            copied += tx.copied();
        }
        QueueSocket socket = channel.socket();
        if (socket != null) {
            add(XdpSocket.statistics(socket.rings().fd()));
        }
    }

    private void add(XdpSocket.Statistics socket) {
        dropped += socket.rxDropped();
        fillInvalid += socket.rxInvalid();
        txInvalid += socket.txInvalid();
        ringFull += socket.rxRingFull();
        fillEmpty += socket.rxFillEmpty();
        txEmpty += socket.txEmpty();
    }

    /// Details have the names of `struct xdp_statistics`, then those of our own.
    private DeviceStatistics statistics() {
        Map<String, Long> details = new LinkedHashMap<>();
        details.put("rx_dropped", dropped);
        details.put("rx_invalid_descs", fillInvalid);
        details.put("tx_invalid_descs", txInvalid);
        details.put("rx_ring_full", ringFull);
        details.put("rx_fill_ring_empty_descs", fillEmpty);
        details.put("tx_ring_empty_descs", txEmpty);
        details.put("rx_bad_descs", received.errors());
        details.put("tx_refused", sent.errors());
        details.put("tx_no_room", sent.dropped());
        details.put("tx_copied", copied);
        return new DeviceStatistics(
                received.packets(),
                rxBytes,
                ringFull + fillEmpty,
                Math.max(0, dropped - fillEmpty) + received.errors(), // those without a buffer are in both
                sent.packets(),
                txBytes,
                txInvalid + sent.errors(),
                java.util.Collections.unmodifiableMap(details));
    }
}
