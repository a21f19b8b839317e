package org.barewire.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Measures every {@link Comparison}: Barewire and DPDK take the role in turn, each run with a peer that has
/// just been started, and a table says what came of it. The receiving end counts.
final class PeerSuite {
    private static final int ROLE_CPU = 0;
    private static final int PEER_CPU = 1;

    private final Settings settings;

    private PeerSuite(Settings settings) {
        this.settings = settings;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Settings settings;
        try {
            settings = Settings.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        List<String> missing = Machine.missing();
        if (!missing.isEmpty()) {
            missing.forEach(System.err::println);
            System.exit(1);
        }
        new PeerSuite(settings).run();
    }

    private void run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("barewire-bench");
        try {
            List<Result> results = new ArrayList<>();
            for (Comparison comparison : Comparison.all(folder.toString())) {
                if (settings.pattern().matcher(comparison.name()).find()) {
                    Result result = measure(comparison, folder);
                    results.add(result);
                    System.err.println(result);
                }
            }
            System.out.println(settings.json() ? Result.json(settings, results) : Result.table(results));
        } finally {
            Files.deleteIfExists(folder.resolve("socket"));
            Files.delete(folder);
        }
    }

    private Result measure(Comparison comparison, Path folder) throws IOException, InterruptedException {
        List<Double> barewire = new ArrayList<>();
        List<Double> dpdk = new ArrayList<>();
        for (int run = 0; run < settings.runs(); run++) {
            boolean first = run % 2 == 0; // who comes first alternates, too
            (first ? barewire : dpdk).add(run(comparison, folder, first));
            (first ? dpdk : barewire).add(run(comparison, folder, !first));
        }
        return new Result(comparison.name(), barewire, dpdk);
    }

    private double run(Comparison comparison, Path folder, boolean barewire) throws IOException, InterruptedException {
        Files.deleteIfExists(folder.resolve("socket"));
        if (!comparison.onVeth()) {
            return meet(comparison, barewire);
        }
        try (VethPair _ = new VethPair()) {
            return meet(comparison, barewire);
        }
    }

    private double meet(Comparison comparison, boolean barewire) throws IOException, InterruptedException {
        if (comparison.listens()) {
            try (Role role = role(comparison, barewire);
                    Role peer = peer(comparison)) {
                return rate(comparison.sends() ? peer : role);
            }
        }
        try (Role peer = peer(comparison);
                Role role = role(comparison, barewire)) {
            return rate(comparison.sends() ? peer : role);
        }
    }

    private static Role role(Comparison comparison, boolean barewire) throws IOException {
        String wrapper = comparison.onVeth() ? "ip netns exec " + VethPair.LEFT + " " : "";
        return barewire
                ? BarewireRole.start(ROLE_CPU, comparison)
                : Role.testpmd(wrapper, ROLE_CPU, comparison.dpdk(), comparison.sends());
    }

    private static Role peer(Comparison comparison) throws IOException {
        String wrapper = comparison.onVeth() ? "ip netns exec " + VethPair.RIGHT + " " : "";
        return Role.testpmd(wrapper, PEER_CPU, comparison.peer(), !comparison.sends());
    }

    /// Millions of packets a second.
    private double rate(Role counting) throws IOException, InterruptedException {
        TimeUnit.MILLISECONDS.sleep((long) (settings.warmUp() * 1e3));
        long packetsBefore = counting.packets();
        long start = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep((long) (settings.time() * 1e3));
        long packets = counting.packets() - packetsBefore;
        return packets * 1e3 / (System.nanoTime() - start);
    }

    /// What the command line asks for.
    ///
    /// @param runs   of each side
    /// @param time   seconds of a run that count
    /// @param warmUp seconds before
    record Settings(Pattern pattern, int runs, double time, double warmUp, boolean json) {
        static Settings parse(String... arguments) {
            String pattern = "";
            int runs = 5;
            double time = 3;
            double warmUp = 3;
            boolean json = false;
            for (int i = 0; i < arguments.length; i++) {
                String argument = arguments[i];
                String value = i + 1 < arguments.length ? arguments[i + 1] : "";
                switch (argument) {
                    case "--json" -> json = true;
                    case "--runs" -> runs = (int) number(argument, value, 1, 1000);
                    case "--time" -> time = number(argument, value, 0.1, 3600);
                    case "--warm-up" -> warmUp = number(argument, value, 0.1, 3600);
                    default -> pattern = argument;
                }
                i += argument.startsWith("--") && !argument.equals("--json") ? 1 : 0;
            }
            if (pattern.startsWith("-")) {
                throw new IllegalArgumentException(
                        "%s: possible are [PATTERN] --runs N --time SECONDS --warm-up SECONDS --json"
                                .formatted(pattern));
            }
            try {
                return new Settings(Pattern.compile(pattern), runs, time, warmUp, json);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }

        private static double number(String option, String text, double least, double most) {
            try {
                double number = Double.parseDouble(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("%s needs a number, not '%s'".formatted(option, text), e);
            }
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s: from %s to %s is possible", option, least, most));
        }
    }
}
