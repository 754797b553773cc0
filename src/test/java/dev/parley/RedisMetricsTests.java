package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.Ready;
import dev.parley.support.SharedRedis;
import io.lettuce.core.resource.ClientResources;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** docs/METRICS.md against what a service on Redis publishes beyond every other. */
@Tag("redis")
@Tag("service")
@Timeout(60)
class RedisMetricsTests {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static ConfigurableApplicationContext context;
  private static PrometheusPage page;

  @BeforeAll
  static void publishOnce() throws Exception {
    context =
        new SpringApplicationBuilder(Parley.class)
            .run(
                "--spring.profiles.active=dev",
                "--spring.main.banner-mode=off",
                "--server.port=0",
                "--parley.broker=redis",
                "--spring.data.redis.host=" + SharedRedis.host(),
                "--spring.data.redis.port=" + SharedRedis.port());
    Ready.awaitReady(context);
    String base = "127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port");
    String room = "metrics-" + UUID.randomUUID();
    Peer ann = new Peer(CLIENT, URI.create("ws://" + base + "/ws"));
    ann.say("{'type':'join','room':'" + room + "'}").hears("\"joined\"");
    ann.say("{'type':'message','room':'" + room + "','id':'1','content':1}").hears("\"ack\"");
    URI metrics = URI.create("http://" + base + "/actuator/prometheus");
    page =
        new PrometheusPage(
            CLIENT.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body());
    ann.socket.abort();
  }

  @AfterAll
  static void stop() {
    context.close();
    CLIENT.close();
  }

  @Test
  void theDocumentListsEveryMetricAndNoOther() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    MetricsDocTests.rows("parley_").forEach(row -> documented.put(row.group(1), row.group(2)));
    assertThat(page.types()).isEqualTo(documented);
  }

  @Test
  void batchesAreCountedAndTimed() {
    assertThat(page.values())
        .containsEntry("parley_redis_batch_messages_count", 1.0)
        .containsEntry("parley_redis_batch_messages_sum", 1.0)
        .containsEntry("parley_redis_round_trip_seconds_count", 1.0)
        .containsEntry("parley_redis_generations_total", 0.0)
        .containsEntry("parley_broker_available", 1.0);
    assertThat(page.values().get("parley_redis_round_trip_seconds_sum")).isBetween(0.0, 30.0);
  }

  @Test
  void singleCommandsAreNotObserved() {
    assertThat(context.getBean(ClientResources.class).tracing().isEnabled()).isFalse();
  }
}
