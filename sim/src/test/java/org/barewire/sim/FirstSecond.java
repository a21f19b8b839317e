package org.barewire.sim;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.PacketPool;

/// What {@link IxgbeFirstSecondTest} runs in a JVM of its own: receives 10 million frames a second for a second,
/// beginning with the first, and prints how many were sent, received and missed.
///
/// It is a second of the driver's: the card's time moves by the processor time that receiving takes, so that
/// neither the model's own work nor other programs on the machine lose a frame.
final class FirstSecond {
    private static final MethodHandle CPU_TIME = cpuTime();
    private static final long SECOND = 1_000_000_000;
    private static final long STEP = 2_000;

    /// A burst that takes longer was interrupted by a hypervisor, whose time counts as the thread's; even
    /// interpreted ones take less than 100 us.
    private static final long LONGEST = 200_000;

    private FirstSecond() {}

    public static void main(String[] args) throws Throwable {
        try (NetDevice card = NetDevice.open("sim:a")) {
            ProbeSource source = SimPorts.tester("sim:a").orElseThrow().source();
            Simulation simulation = SimPorts.simulation();
            RxQueue rx = card.rx(0);
            simulation.stop(); // stepped from now on
            source.setLoad(Load.framesPerSecond(10_000_000));
            source.start();
            long end = receive(simulation, rx, System.nanoTime(), SECOND);
            source.stop();
            receive(simulation, rx, end, SECOND / 100);
            System.out.println(source.sent() + " " + rx.statistics().packets() + " "
                    + card.statistics().rxMissed());
        }
    }

    private static long receive(Simulation simulation, RxQueue rx, long from, long nanos) throws Throwable {
        long[] packets = new long[32];
        long now = from;
        long stepped = from;
        while (now < from + nanos) {
            long before = (long) CPU_TIME.invokeExact();
            poll(rx, packets);
            now += Math.min((long) CPU_TIME.invokeExact() - before, LONGEST);
            while (stepped + STEP <= now) {
                stepped += STEP;
                simulation.step(stepped);
            }
        }
        return now;
    }

    /// A few bursts, since reading the clock costs more than one.
    private static void poll(RxQueue rx, long[] packets) {
        int received;
        int bursts = 0;
        do {
            received = rx.receive(packets);
            PacketPool.release(packets, 0, received);
        } while (received == packets.length && ++bursts < 8);
    }

    /// The bean is looked up by name, because the module under test has no use for its module.
    private static MethodHandle cpuTime() {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            Class<?> type = Class.forName("java.lang.management.ThreadMXBean");
            return MethodHandles.publicLookup()
                    .findVirtual(type, "getCurrentThreadCpuTime", MethodType.methodType(long.class))
                    .bindTo(bean);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this JVM does not measure the processor time of threads", e);
        }
    }
}
