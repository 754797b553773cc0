package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.SharedRedis;
import dev.parley.support.TestClient;
import io.lettuce.core.resource.ClientResources;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** docs/METRICS.md against what a service on Redis publishes beyond every other. */
@Tag("redis")
@Tag("service")
@Timeout(60)
class RedisMetricsTests {
  @AutoClose private static ParleyService service;
  private static PrometheusPage page;

  @BeforeAll
  static void publishOnce() {
    service =
        ParleyService.start(
            "parley.broker=redis",
            "spring.data.redis.host=" + SharedRedis.host(),
            "spring.data.redis.port=" + SharedRedis.port());
    try (TestClient ann = service.guest()) {
      String room = "metrics-" + UUID.randomUUID();
      ann.join(room);
      ann.publishAcked(room, "one");
      page = new PrometheusPage(service.metrics());
    }
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
    assertThat(service.bean(ClientResources.class).tracing().isEnabled()).isFalse();
  }
}
