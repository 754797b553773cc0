package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.Machine;
import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.Requirement;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service and a real Redis run as the chart tells them to, but for ports, hosts and folders.
 */
@Tag("helm")
@Tag("service")
@Timeout(60)
class ChartApplicationTests {
  private static final Manifests CHART = Manifests.of(ValueSet.BUNDLED_REDIS.yaml());

  @TempDir private static Path directory;
  private static @Nullable Process redis;
  private static ParleyService service;

  @BeforeAll
  static void start() throws Exception {
    int port = Machine.freePort();
    redis = redis(port);
    Path settings = Files.createDirectory(directory.resolve("settings"));
    ConfigMap map = CHART.main(ConfigMap.class);
    Files.writeString(settings.resolve("application.yml"), Manifests.entry(map, "application.yml"));
    service =
        ParleyService.bare(
            environment(),
            List.of(
                "spring.config.additional-location=file:" + settings + "/",
                "spring.main.banner-mode=off",
                "server.address=127.0.0.1",
                "server.port=0",
                "management.server.address=127.0.0.1",
                "management.server.port=0",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + port,
                "parley.drain.window=0s"));
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (service != null) {
      service.close();
    }
    if (redis != null) {
      redis.destroy();
      redis.waitFor();
    }
  }

  @Test
  void probesAreAnsweredOnThePortOfManagement() {
    Container parley = CHART.pod().getContainers().getFirst();
    RawHttp management = new RawHttp(service.managementPort());
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            management.get(parley.getReadinessProbe().getHttpGet().getPath()).status() == 200);
    assertThat(management.get(parley.getStartupProbe().getHttpGet().getPath()).status())
        .isEqualTo(200);
    assertThat(management.get(parley.getLivenessProbe().getHttpGet().getPath()).status())
        .isEqualTo(200);
    assertThat(management.get("/actuator/prometheus").status()).isEqualTo(200);
  }

  @Test
  void usersHaveAPortWithoutManagement() {
    RawHttp users = service.raw();
    assertThat(users.get("/ws").status()).isEqualTo(401);
    assertThat(users.get("/actuator/health/readiness").status()).isNotEqualTo(200);
    assertThat(users.get("/actuator/prometheus").status()).isNotEqualTo(200);
  }

  @Test
  void settingsOfTheChartCount() {
    assertThat(service.setting("parley.broker")).isEqualTo("redis");
    assertThat(service.setting("server.forward-headers-strategy")).isEqualTo("none");
    assertThat(service.setting("parley.access.jwt-secret")).isEqualTo(Chart.SECRET);
  }

  /** The variables of the container that come from the chart's Secret. */
  private static Map<String, Object> environment() {
    Map<String, String> secrets = CHART.main(Secret.class).getData();
    Map<String, Object> environment = new HashMap<>();
    for (EnvVar variable : CHART.pod().getContainers().getFirst().getEnv()) {
      if (variable.getValueFrom() != null) {
        String key = variable.getValueFrom().getSecretKeyRef().getKey();
        environment.put(variable.getName(), decoded(secrets.getOrDefault(key, "")));
      }
    }
    return environment;
  }

  private static Process redis(int port) throws IOException {
    ConfigMap map = CHART.named(ConfigMap.class, Manifests.NAME + "-redis");
    Path configuration = directory.resolve("redis.conf");
    Files.writeString(
        configuration, Manifests.entry(map, "redis.conf").replace("dir /data", "dir " + directory));
    Container container = CHART.templates().getLast().getSpec().getContainers().getFirst();
    assertThat(container.getCommand()).containsExactly("redis-server");
    assertThat(container.getArgs().subList(1, 3))
        .containsExactly("--requirepass", "$(REDISCLI_AUTH)");
    String password =
        decoded(CHART.main(Secret.class).getData().getOrDefault("redis-password", ""));
    List<String> command =
        List.of(
            "redis-server",
            configuration.toString(),
            "--requirepass",
            password,
            "--bind",
            "127.0.0.1",
            "--port",
            Integer.toString(port));
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve("redis.log").toFile())
          .start();
    } catch (IOException notThere) {
      throw Requirement.REDIS.missing("no redis-server is on the PATH");
    }
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
