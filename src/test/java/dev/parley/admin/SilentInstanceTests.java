package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.admin.Service.Answer;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** An instance that does not answer is named, and keeps nobody waiting. */
@Tag("redis")
@Tag("service")
@Timeout(90)
class SilentInstanceTests {

  @Test
  void whoseBusIsCutIsNamedInTimeAndAnswersForItselfAlone() throws Exception {
    try (RedisProcess redis = RedisProcess.launch();
        TcpProxy proxy = new TcpProxy(redis.host(), redis.port());
        Service reached = Service.onRedis(redis.host(), redis.port());
        Service cut = Service.onRedis(proxy.host(), proxy.port())) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> {
            assertThat(instances(reached)).hasSize(2);
            assertThat(instances(cut)).hasSize(2);
          });
      proxy.refuse();
      proxy.cut();

      long asked = System.nanoTime();
      Answer closed = reached.call("DELETE", "/api/v1/rooms/somewhere", Service.ADMIN, "");
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(8));
      assertThat(closed.status()).isEqualTo(200);
      assertThat(closed.body().path("instances")).hasSize(1);
      assertThat(closed.body().path("silent").toString()).isEqualTo("[\"" + cut.name() + "\"]");
      assertThat(reached.get("/api/v1/instances/" + cut.name()).status()).isEqualTo(503);

      JsonNode alone = cut.get("/api/v1/instances").body();
      assertThat(alone.path("instances").get(0).path("instance").asString()).isEqualTo(cut.name());
      assertThat(alone.path("silent").toString()).isEqualTo("[\"" + reached.name() + "\"]");

      proxy.heal();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(instances(reached)).hasSize(2));
    }
  }

  private static List<String> instances(Service service) throws Exception {
    List<String> names = new ArrayList<>();
    service
        .get("/api/v1/instances")
        .body()
        .path("instances")
        .forEach(each -> names.add(each.path("instance").asString()));
    return names;
  }
}
