package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The attacks in docs/SECURITY.md have the tests and the metrics that they name. */
class SecurityDocTests {
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:IT|Tests))`");
  private static final Pattern METRIC = Pattern.compile("`(parley_\\w+)");

  @Test
  void everyAttackHasTheTestThatItNamesAndEveryTestIsNamed() throws IOException {
    Set<String> named = new TreeSet<>(found(TEST));
    assertThat(named).allSatisfy(test -> assertThat(sources()).contains(test + ".java"));
    assertThat(sources())
        .filteredOn(source -> source.endsWith("AttackIT.java"))
        .allSatisfy(source -> assertThat(named).contains(source.replace(".java", "")));
  }

  @Test
  void everyMetricIsOneOfTheService() throws IOException {
    String metrics = Files.readString(Path.of("docs/METRICS.md"));
    assertThat(found(METRIC)).allSatisfy(metric -> assertThat(metrics).contains("`" + metric));
  }

  private static List<String> found(Pattern pattern) throws IOException {
    return pattern
        .matcher(Files.readString(Path.of("docs/SECURITY.md")))
        .results()
        .map((MatchResult result) -> result.group(1))
        .toList();
  }

  private static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
