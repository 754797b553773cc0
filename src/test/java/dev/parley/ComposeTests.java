package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What docker-compose.yml says, without a Docker: the files it mounts are run by other tests. */
@Tag("helm")
class ComposeTests {
  private static final Path BALANCER = Path.of("src/main/compose/nginx/nginx.conf.template");
  private static final Set<String> INSTANCES = Set.of("parley-1", "parley-2", "parley-3");

  private final ComposeFile file = new ComposeFile();
  private final Map<String, Map<String, Object>> services = file.services();

  @Test
  void whatItMountsIsThere() {
    List<String> folders = new ArrayList<>();
    services.values().forEach(service -> folders.addAll(ComposeFile.list(service, "volumes")));
    assertThat(folders)
        .contains(
            "./" + BALANCER + ":/etc/nginx/templates/nginx.conf.template:ro",
            "./" + RedisProcess.CONFIGURATION + ":/usr/local/etc/redis/redis.conf:ro");
    Map<String, Map<String, Object>> volumes = file.section("volumes");
    for (String folder : folders) {
      String source = folder.substring(0, folder.indexOf(':'));
      if (source.startsWith("./")) {
        assertThat(Path.of(source)).exists();
        assertThat(folder).endsWith(":ro");
      } else {
        assertThat(volumes).containsKey(source);
      }
    }
  }

  @Test
  void theBalancersTemplateIsGivenItsVariables() throws IOException {
    Set<String> given = new TreeSet<>(file.environment("balancer").keySet());
    given.removeIf(name -> !name.startsWith("PARLEY_"));
    assertThat(given)
        .isEqualTo(new TreeSet<>(found("\\$\\{(\\w+)}", Files.readString(BALANCER))))
        .isNotEmpty();
  }

  @Test
  void theBalancerAndPrometheusKnowTheSameInstances() {
    assertThat(services.keySet()).containsAll(INSTANCES);
    assertThat(found("server (\\S+):8080", file.environment("balancer").get("PARLEY_SERVERS") + ""))
        .containsExactlyInAnyOrderElementsOf(INSTANCES);
    Map<String, Object> prometheus =
        ComposeFile.load(Path.of("src/main/compose/prometheus/prometheus.yml"));
    assertThat(found("([a-z0-9-]+):8081", prometheus.get("scrape_configs") + ""))
        .containsExactlyInAnyOrderElementsOf(INSTANCES);
  }

  @Test
  void onlyThisMachineReachesItAndNobodyTheManagementPort() {
    services.forEach((name, service) ->
        assertThat(ComposeFile.list(service, "ports"))
            .as(name)
            .allMatch(port -> port.startsWith("127.0.0.1:"))
            .noneMatch(port -> port.endsWith(":8081") || port.endsWith(":6379")));
    assertThat(ComposeFile.list(file.service("redis"), "networks")).containsExactly("inside");
    for (String instance : INSTANCES) {
      assertThat(ComposeFile.list(file.service(instance), "networks")).containsExactly("inside");
    }
    Map<String, Map<String, Object>> networks = file.section("networks");
    assertThat(networks.get("inside")).containsEntry("internal", true);
  }

  @Test
  void requestsForAnotherNameThanTheCertificatesAreRefused() {
    String host = "${PARLEY_HOST:-localhost}";
    assertThat(file.environment("setup")).containsEntry("PARLEY_HOST", host);
    assertThat(file.environment("tryout")).containsEntry("PARLEY_ACCESS_HOSTS", host);
    for (String instance : INSTANCES) {
      assertThat(file.environment(instance)).containsEntry("PARLEY_ACCESS_HOSTS", host);
    }
  }

  @Test
  void itHoldsNoSecret() {
    for (String name : services.keySet()) {
      assertThat(file.environment(name).keySet())
          .as(name)
          .noneMatch(key -> key.matches(".*(SECRET|PASSWORD|TOKEN|KEY).*"));
    }
  }

  @Test
  void whatRunsAllTheTimeHasNoRights() {
    services.forEach((name, service) -> {
      if (!name.equals("setup")) {
        assertThat(service)
            .as(name)
            .containsEntry("read_only", true)
            .containsEntry("cap_drop", List.of("ALL"));
      }
    });
  }

  @Test
  void imagesOfOthersHaveAVersion() {
    for (Map<String, Object> service : services.values()) {
      if (!service.containsKey("build")) {
        assertThat(String.valueOf(service.get("image"))).matches("[a-z/]+:v?\\d+\\.\\d[\\w.-]*");
      }
    }
  }

  /**
   * Over any other folder of an image, runc keeps that folder's rights and ignores {@code mode}.
   */
  @Test
  void whatIsWrittenInMemoryIsWrittenToTmp() {
    services.forEach((name, service) ->
        assertThat(ComposeFile.list(service, "tmpfs"))
            .as(name)
            .allMatch(folder -> folder.matches("/tmp(:size=\\d+m)?")));
    assertThat(file.environment("balancer"))
        .containsEntry("PARLEY_RUN", "/tmp")
        .containsEntry("NGINX_ENVSUBST_OUTPUT_DIR", "/tmp");
  }

  /**
   * Compose gives up on what is unhealthy, and four JVMs that start at once need minutes on a busy
   * machine.
   */
  @Test
  void instancesHaveMinutesToBecomeHealthy() {
    for (String name : List.of("parley-1", "parley-2", "parley-3", "tryout")) {
      assertThat(file.service(name).get("healthcheck"))
          .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
          .containsEntry("start_period", "5m");
    }
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .distinct()
        .toList();
  }
}
