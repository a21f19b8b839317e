package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "fwd",
                "fwd sim:a",
                "fwd sim:a sim:b --batch 257",
                "fwd sim:a sim:b --queues 0",
                "fwd sim:a sim:b --time soon",
                "fwd sim:a sim:b --count -1",
                "fwd sim:a sim:b --rx-mode sleepy",
                "demo --size 63",
                "demo --window 1024",
                "demo --what",
                "demo --rate foo",
                "demo --rate 0.5pps",
                "demo --rate 1mpps --window 5",
                "demo --loss abc",
                "demo --loss 1.1",
                "demo --loss 0.6 --corrupt 0.6",
                "demo --delay 1h",
                "demo --seed abc",
                "nothing",
            })
    void wrongUsageIsOneSentenceAndStatusTwo(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size=59",
                "size=99999",
                "flows=0",
                "flows=16385",
                "window=-1",
                "window=999999999999",
                "send=0",
                "mac=ff:ff:ff:ff:ff:ff",
                "mac=00:00:00:00:00:00"
            })
    void aWrongOptionOfANameIsExplainedWithoutJava(String option) {
        Run run = Run.of("fwd", "sim:a?" + option, "sim:b");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains(option.substring(0, option.indexOf('=') + 1))
                .doesNotContain("Exception", "BAREWIRE_DEBUG");
    }

    @Test
    void wrongValuesAreNamedAsTheyWereGiven() {
        assertThat(Run.of("demo", "--loss", "1.1").err()).contains("--loss=1.1");
        assertThat(Run.of("demo", "--rate", "0.5pps").err()).contains("0.5pps");
    }

    @Test
    void valuesAreOfferedAsTheHelpNamesThem() {
        assertThat(Run.of("dump", "sim:a", "--rx-mode", "sleepy").err()).contains("neither polling nor adaptive");
    }

    /// Of a description with line breaks the list of commands shows the first line alone.
    @Test
    void everyCommandIsListedWithAWholeSentence() {
        assertThat(Main.commandLine().getSubcommands().values())
                .allSatisfy(command -> assertThat(
                                command.getCommandSpec().usageMessage().description()[0])
                        .endsWith("."));
    }

    @Test
    void aDeviceThatCannotBeOpenedIsOneSentenceAndStatusOne() {
        Run run = Run.of("fwd", "nosuch:a", "sim:b");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("no driver here opens 'nosuch:a'");
    }

    @Test
    void lostOutputIsAFailure() {
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine()
                .setOut(new PrintWriter(new Writer() {
                    @Override
                    public void write(char[] text, int from, int count) throws IOException {
                        throw new IOException("No space left on device");
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                }))
                .setErr(new PrintWriter(err, true));
        assertThat(Main.run(command, "--help")).isEqualTo(Main.FAILED);
        assertThat(Main.run(command, "dump", "sim:lost?send=1kpps")).isEqualTo(Main.FAILED);
        assertThat(err.toString()).contains("could not be written", "nobody reads");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "fwd --version", "bench ring -V"})
    void theVersionIsPrinted(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertThat(run.status()).isZero();
        assertThat(run.out()).startsWith("barewire ").contains("Java 25");
    }
}
