package org.barewire.guest;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.packet.MacAddress;

/// The program in a guest that opens devices and does with them what it is told.
///
/// A job is a line of its input, its words separated by spaces; each is answered by a line of output, a
/// {@link Reply}. DEVICE is the name that `open` has given a device.
///
/// | job | does |
/// |---|---|
/// | `open DEVICE NAME` | opens a device with all its queues |
/// | `close DEVICE` | closes it, if it is open |
/// | `echo DEVICE` | sends back what is received, each packet on its queue's partner, until the job `stop` |
/// | `doze DEVICE` | as `echo`, for the first queue, and sleeps until an interrupt when nothing comes |
/// | `doze-silently DEVICE` | as `doze`, and sends nothing back |
/// | `send DEVICE FRAMES` | sends numbered frames, on all queues in turn; see {@link Frames#toText} |
/// | `receive DEVICE FRAMES` | receives and checks numbered frames, and says to the sender how many it has |
/// | `requests DEVICE ROUNDS` | sends packets that ask for checksums, segmentation and tags, see {@link Requests} |
/// | `findings DEVICE COUNT` | receives IP packets and says what the device found, see {@link Findings} |
/// | `statistics DEVICE` | what the device has counted |
/// | `link DEVICE` | waits until the link is up, a few seconds at most; says how it is |
/// | `link-change DEVICE` | waits until the link changes, a minute at most; says how it is |
/// | `mac DEVICE [ADDRESS]` | sets its address; says which it has |
/// | `promiscuous DEVICE on` | receives all frames, or not any more: `off` |
/// | `all-multicast DEVICE on` | receives all multicast frames, or not any more: `off` |
/// | `multicast DEVICE ADDRESS…` | receives these multicast addresses |
/// | `watch PAGES` | takes huge pages and says how much of them changes by itself, see {@link MemoryWatch} |
/// | `exit` | closes all and ends |
public final class Agent {
    private static final Duration LINK = Duration.ofSeconds(10);
    private static final Duration CHANGE = Duration.ofMinutes(1);

    private final LinkedBlockingQueue<String> jobs = new LinkedBlockingQueue<>();
    private final Map<String, OpenDevice> devices = new HashMap<>();

    private Agent() {}

    /// Does jobs until there are no more.
    public static void main(String[] arguments) throws InterruptedException {
        Agent agent = new Agent();
        Thread.ofPlatform().daemon().name("jobs").start(agent::read);
        System.out.println(
                new Reply().with("java", System.getProperty("java.version")).toJson());
        agent.run();
    }

    /// Puts the lines of the input into the queue. Not by a reader: these ask the input how much there is,
    /// and a virtual serial port does not say.
    private void read() {
        byte[] bytes = new byte[4096];
        String rest = "";
        try (FileInputStream input = new FileInputStream(FileDescriptor.in)) {
            for (int n = input.read(bytes); n > 0; n = input.read(bytes)) {
                String[] lines = (rest + new String(bytes, 0, n, StandardCharsets.US_ASCII)).split("\n", -1);
                rest = lines[lines.length - 1];
                jobs.addAll(List.of(lines).subList(0, lines.length - 1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            jobs.add("exit");
        }
    }

    private void run() throws InterruptedException {
        for (String job = jobs.take(); !job.equals("exit"); job = jobs.take()) {
            Reply reply;
            try {
                reply = perform(List.of(job.split(" ")));
            } catch (RuntimeException | AssertionError e) {
                e.printStackTrace();
                reply = new Reply().with(Reply.ERROR, String.valueOf(e.getMessage()));
            }
            System.out.println(reply.toJson());
        }
        devices.values().forEach(OpenDevice::close);
    }

    private Reply perform(List<String> words) {
        String name = words.size() < 2 ? "" : words.get(1);
        List<String> more = words.subList(Math.min(2, words.size()), words.size());
        if (words.getFirst().equals("open")) {
            return open(name, more.getFirst());
        }
        if (words.getFirst().equals("close")) {
            return close(name);
        }
        if (words.getFirst().equals("watch")) {
            return new Reply().with("changed", MemoryWatch.changes(Integer.parseInt(name)));
        }
        OpenDevice open = devices.get(name);
        if (open == null) {
            throw new DeviceException("no device is open under the name '%s'".formatted(name));
        }
        NetDevice device = open.device();
        return switch (words.getFirst()) {
            case "echo" -> untilStop(stopped -> Traffic.echo(open, stopped));
            case "doze" -> untilStop(stopped -> Dozing.echo(open, stopped));
            case "doze-silently" -> untilStop(stopped -> Dozing.receive(open, stopped));
            case "send" -> Traffic.send(open, Frames.parse(more));
            case "receive" -> Traffic.receive(open, Frames.parse(more));
            case "requests" -> Requests.send(open, Integer.parseInt(more.getFirst()));
            case "findings" -> Findings.receive(open, Integer.parseInt(more.getFirst()));
            case "statistics" -> statistics(device.statistics());
            case "link" -> {
                device.awaitLink(LINK);
                yield link(device.link());
            }
            case "link-change" -> link(device.awaitLinkChange(device.link(), CHANGE));
            case "mac" -> {
                more.stream().map(MacAddress::parse).forEach(device::setMacAddress);
                yield new Reply().with("mac", device.macAddress());
            }
            case "promiscuous" -> {
                device.setPromiscuous(more.getFirst().equals("on"));
                yield new Reply();
            }
            case "all-multicast" -> {
                device.setAllMulticast(more.getFirst().equals("on"));
                yield new Reply();
            }
            case "multicast" -> {
                device.setMulticast(more.stream().map(MacAddress::parse).toList());
                yield new Reply();
            }
            default -> throw new IllegalArgumentException("no such job: " + String.join(" ", words));
        };
    }

    private Reply open(String name, String deviceName) {
        OpenDevice open = OpenDevice.open(deviceName);
        devices.put(name, open);
        NetDevice device = open.device();
        return new Reply()
                .with("description", device.description())
                .with("mac", device.macAddress())
                .with("mtu", device.mtu())
                .with("rxQueues", device.rxQueues())
                .with("txQueues", device.txQueues());
    }

    private Reply close(String name) {
        OpenDevice open = devices.remove(name);
        if (open != null) {
            open.close();
        }
        return new Reply();
    }

    private Reply untilStop(Function<BooleanSupplier, Reply> job) {
        Reply reply = job.apply(() -> !jobs.isEmpty());
        if ("stop".equals(jobs.peek())) {
            jobs.remove();
        }
        return reply;
    }

    private static Reply statistics(DeviceStatistics statistics) {
        Reply reply = new Reply()
                .with("rxPackets", statistics.rxPackets())
                .with("rxBytes", statistics.rxBytes())
                .with("rxMissed", statistics.rxMissed())
                .with("rxErrors", statistics.rxErrors())
                .with("txPackets", statistics.txPackets())
                .with("txBytes", statistics.txBytes())
                .with("txErrors", statistics.txErrors());
        statistics.details().forEach(reply::with);
        return reply;
    }

    private static Reply link(LinkState link) {
        return new Reply()
                .with("up", link.up() ? 1 : 0)
                .with("bitsPerSecond", link.bitsPerSecond())
                .with("reason", link.reason());
    }
}
