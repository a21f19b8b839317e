import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Sums up the test reports of all modules and executions: prints each failed and each skipped test with its
/// reason to stderr and `PASSED FAILED SKIPPED UNEXPECTED` to stdout, where UNEXPECTED counts the skipped tests
/// that no pattern allows.
///
/// Arguments: regular expressions; a test may be skipped if one is found in `CLASS.METHOD: REASON`.
public class TestReports {
    private static final int LONGEST = 300; // characters of a reason

    public static void main(String[] args) throws Exception {
        List<Pattern> allowed = Stream.of(args).map(Pattern::compile).toList();
        int tests = 0;
        int failed = 0;
        int skipped = 0;
        int unexpected = 0;
        for (Path report : reports()) {
            Element suite = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getDocumentElement();
            tests += count(suite, "tests");
            failed += count(suite, "failures") + count(suite, "errors");
            described(suite, "failure").forEach(failure -> System.err.println("failed: " + failure));
            described(suite, "error").forEach(error -> System.err.println("failed: " + error));
            List<String> skips = described(suite, "skipped");
            skipped += skips.size();
            for (String skip : skips) {
                boolean expected = allowed.stream().anyMatch(p -> p.matcher(skip).find());
                unexpected += expected ? 0 : 1;
                System.err.println((expected ? "skipped: " : "skipped, but should run here: ") + skip);
            }
        }
        System.out.printf("%d %d %d %d%n", tests - failed - skipped, failed, skipped, unexpected);
    }

    private static List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.find(Path.of("."), 6, (path, attributes) -> path.toString()
                .matches("\\./[a-z]+/target/surefire-reports/.*TEST-[^/]*\\.xml"))) {
            return files.sorted().toList();
        }
    }

    private static int count(Element suite, String attribute) {
        return Integer.parseInt(suite.getAttribute(attribute));
    }

    /// Returns `CLASS.METHOD: REASON` for each of a suite's tests that has such an element: how it ended.
    private static List<String> described(Element suite, String ending) {
        NodeList found = suite.getElementsByTagName(ending);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> describe((Element) found.item(i)))
                .toList();
    }

    private static String describe(Element ending) {
        Element test = (Element) ending.getParentNode();
        String reason = ending.getAttribute("message");
        if (reason.isEmpty()) {
            reason = ending.getTextContent().lines().findFirst().orElse("no reason given");
        }
        reason = reason.strip().replaceAll("\\s+", " ");
        return test.getAttribute("classname") + "." + test.getAttribute("name") + ": "
                + (reason.length() > LONGEST ? reason.substring(0, LONGEST) + " …" : reason);
    }
}
