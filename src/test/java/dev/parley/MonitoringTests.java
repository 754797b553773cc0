package dev.parley;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.Machine;
import dev.parley.support.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The alerts and the dashboard that come with the service, against docs/METRICS.md and promtool.
 */
@Tag("helm")
@Timeout(60)
public class MonitoringTests {
  private static final Path ALERTS = Path.of("src/main/compose/prometheus/alerts.yml");
  private static final Path DASHBOARD = Path.of("src/main/compose/grafana/dashboards/parley.json");
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern METRIC = Pattern.compile("\\b(?:parley|jvm|process)_\\w+");
  private static final Pattern RUNBOOK = Pattern.compile("(?m)^### (Parley\\w+)$");

  /** Of Spring Boot; what a service publishes of them, PrometheusIT looks at. */
  private static final Set<String> OF_BOOT =
      Set.of(
          "jvm_memory_usage_after_gc",
          "jvm_gc_pause_seconds_sum",
          "jvm_buffer_memory_used_bytes",
          "process_cpu_usage");

  @Test
  void theDashboardNamesOnlyMetricsThatExistAndShowsAllOfOurs() throws IOException {
    Set<String> shown = metrics(String.join("\n", queries()));
    shown.removeAll(OF_BOOT);
    Set<String> documented = documented();
    assertThat(documented).containsAll(shown);
    assertThat(names(shown)).isEqualTo(names(documented));
  }

  @Test
  void alertsNameOnlyMetricsThatExist() throws IOException {
    Set<String> used = new TreeSet<>();
    rules().forEach(rule -> used.addAll(metrics(rule.path("expr").asString())));
    used.removeAll(OF_BOOT);
    assertThat(documented()).containsAll(used);
  }

  @Test
  void everyAlertHasAnEntryInTheRunbook() throws IOException {
    List<String> alerts = rules().stream().map(rule -> rule.path("alert").asString()).toList();
    assertThat(RUNBOOK.matcher(Files.readString(Path.of("docs/OPERATIONS.md"))).results())
        .extracting(heading -> heading.group(1))
        .containsExactlyElementsOf(alerts);
    for (JsonNode rule : rules()) {
      assertThat(rule.path("annotations").path("runbook").asString())
          .isEqualTo(
              "docs/OPERATIONS.md#" + rule.path("alert").asString().toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void promtoolFindsNoFaultInTheAlerts() throws Exception {
    assertThat(promtool("check", "rules", ALERTS.toString())).contains("SUCCESS");
  }

  /** What makes each alert fire, and what must not: src/test/resources/alerts-test.yml. */
  @Test
  void alertsFireWhenTheyShould() throws Exception {
    assertThat(promtool("test", "rules", "src/test/resources/alerts-test.yml")).contains("SUCCESS");
  }

  /** The expressions of all panels. */
  public static List<String> queries() throws IOException {
    List<String> queries = new ArrayList<>();
    for (JsonNode panel : JSON.readTree(Files.readString(DASHBOARD)).path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.add(target.path("expr").asString());
      }
    }
    assertThat(queries).hasSizeGreaterThan(20);
    return queries;
  }

  private static String promtool(String... arguments) throws Exception {
    Path binary =
        Machine.program("promtool")
            .orElseThrow(() -> Requirement.PROMETHEUS.missing("no promtool on the PATH"));
    List<String> command = new ArrayList<>(List.of(binary.toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private static List<JsonNode> rules() throws IOException {
    JsonNode file = JSON.valueToTree(new Yaml().load(Files.readString(ALERTS)));
    List<JsonNode> rules = file.path("groups").path(0).path("rules").valueStream().toList();
    assertThat(rules).isNotEmpty();
    return rules;
  }

  private static Set<String> metrics(String expressions) {
    return METRIC
        .matcher(expressions)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The names of all series that the document promises. */
  private static Set<String> documented() throws IOException {
    Set<String> names = new TreeSet<>();
    for (MatchResult row : MetricsDocTests.rows("parley_")) {
      if (row.group(2).equals("histogram")) {
        Stream.of("_bucket", "_sum", "_count").forEach(end -> names.add(row.group(1) + end));
      } else {
        names.add(row.group(1));
      }
    }
    return names;
  }

  private static Set<String> names(Set<String> series) {
    return series.stream()
        .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
