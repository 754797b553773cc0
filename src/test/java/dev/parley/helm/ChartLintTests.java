package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Helm itself has to say of the chart. */
@Tag("helm")
@Timeout(60)
class ChartLintTests {

  @Test
  void lintHasNothingAgainstTheDefaults() {
    assertClean(Chart.lint());
  }

  @ParameterizedTest
  @EnumSource
  void lintHasNothingAgainst(ValueSet values) {
    assertClean(Chart.lint(values.yaml()));
  }

  @Test
  void theApplicationIsThatOfThePom() throws Exception {
    String version =
        Files.readString(Path.of("pom.xml"))
            .replaceFirst("(?s).*?<artifactId>parley</artifactId>\\s*<version>([^<]+)<.*", "$1");
    assertThat(Chart.map(Chart.read("Chart.yaml"))).containsEntry("appVersion", version);
  }

  private static void assertClean(LintResult result) {
    assertThat(result.isFailed()).as(() -> String.join("\n", result.getMessages())).isFalse();
    assertThat(result.getMessages())
        .noneMatch(message -> message.startsWith("[WARNING]") || message.startsWith("[ERROR]"));
  }
}
