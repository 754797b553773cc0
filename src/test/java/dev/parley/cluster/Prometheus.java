package dev.parley.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.support.Machine;
import dev.parley.support.ParleyProcess;
import dev.parley.support.Requirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Prometheus that scrapes instances each second, with the alerts that come with the service: only
 * how long something has to last is cut to seconds.
 */
final class Prometheus implements AutoCloseable {
  private static final Path ALERTS = Path.of("src/main/compose/prometheus/alerts.yml");
  private static final HttpClient http = HttpClient.newHttpClient();

  private final int port;
  private final Process process;

  private Prometheus(Path binary, List<ParleyProcess> instances) throws IOException {
    Path directory = Files.createTempDirectory("parley-prometheus");
    port = Machine.freePort();
    Files.writeString(
        directory.resolve("alerts.yml"),
        Files.readString(ALERTS)
            .replaceAll("for: \\d+[sm]", "for: 2s")
            .replaceAll("\\[\\d+m]", "[10s]"));
    Files.writeString(
        directory.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: [alerts.yml]
        scrape_configs:
          - job_name: parley
            metrics_path: /actuator/prometheus
            static_configs:
              - targets: [%s]
        """
            .formatted(
                instances.stream()
                    .map(each -> "'127.0.0.1:" + each.managementPort() + "'")
                    .collect(Collectors.joining(", "))));
    process =
        new ProcessBuilder(
                binary.toString(),
                "--config.file=" + directory.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /**
   * @throws org.opentest4j.TestAbortedException where this machine has none and none is required
   */
  static Prometheus scraping(ParleyProcess... instances) {
    Path binary =
        Machine.program("prometheus")
            .orElseThrow(() -> Requirement.PROMETHEUS.missing("no prometheus on the PATH"));
    try {
      Prometheus started = new Prometheus(binary, List.of(instances));
      Awaitility.await("Prometheus is ready")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> started.query("up").size() == instances.length);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What an expression gives now: a row for each series. */
  JsonNode query(String expression) {
    return get("/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8)).path("result");
  }

  /** The names of the alerts that fire. */
  List<String> firing() {
    return get("/api/v1/alerts")
        .path("alerts")
        .valueStream()
        .filter(alert -> alert.path("state").asString().equals("firing"))
        .map(alert -> alert.path("labels").path("alertname").asString())
        .toList();
  }

  private JsonNode get(String path) {
    try {
      URI uri = URI.create("http://127.0.0.1:" + port + path);
      String body = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
      JsonNode answer = JsonMapper.shared().readTree(body);
      if (!answer.path("status").asString().equals("success")) {
        throw new IllegalStateException(path + ": " + body);
      }
      return answer.path("data");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
