package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The chart brings the alerts and the dashboard that compose has, word for word. */
@Tag("helm")
@Timeout(60)
class ChartMonitoringTests {
  private static final Path COMPOSE = Path.of("src", "main", "compose");

  @Test
  void alertsAreThoseOfCompose() throws Exception {
    String alerts = Files.readString(COMPOSE.resolve("prometheus/alerts.yml"));
    assertThat(Chart.read("files/alerts.yml")).isEqualTo(alerts);
    assertThat(Manifests.of(ValueSet.MONITORING.yaml()).custom("PrometheusRule").get("spec"))
        .isEqualTo(Chart.map(alerts));
  }

  @Test
  void theDashboardIsThatOfCompose() throws Exception {
    String dashboard = Files.readString(COMPOSE.resolve("grafana/dashboards/parley.json"));
    assertThat(Chart.read("files/dashboard.json")).isEqualTo(dashboard);
    ConfigMap map =
        Manifests.of(ValueSet.MONITORING.yaml())
            .named(ConfigMap.class, Manifests.NAME + "-dashboard");
    assertThat(Manifests.entry(map, "parley.json").strip()).isEqualTo(dashboard.strip());
    assertThat(map.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
  }
}
