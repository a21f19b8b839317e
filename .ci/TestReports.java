import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Sums up the test reports of all modules and executions: prints each skipped test with its reason to stderr
/// and `PASSED FAILED SKIPPED UNEXPECTED` to stdout, where UNEXPECTED counts the skipped tests that no
/// pattern allows.
///
/// Arguments: regular expressions; a test may be skipped if one is found in `CLASS.METHOD: REASON`.
public class TestReports {
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
            NodeList skips = suite.getElementsByTagName("skipped");
            skipped += skips.getLength();
            for (int i = 0; i < skips.getLength(); i++) {
                String skip = describe((Element) skips.item(i));
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

    private static String describe(Element skip) {
        Element test = (Element) skip.getParentNode();
        String reason = skip.getAttribute("message");
        return test.getAttribute("classname") + "." + test.getAttribute("name") + ": "
                + (reason.isEmpty() ? skip.getTextContent().lines().findFirst().orElse("no reason given") : reason);
    }
}
