package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.MonitoringTests;
import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A real Prometheus watches two instances behind the balancer: what the dashboard shows under load,
 * and what wakes people up.
 */
@Tag("cluster")
@Timeout(240)
class PrometheusIT {

  @Test
  void theDashboardShowsALoadAndAlertsTellOfSlowReadersALostRedisAndADeadInstance()
      throws Exception {
    try (Cluster cluster =
            Cluster.start(
                "prometheus",
                RedisProcess.launch(),
                "--parley.websocket.max-message-bytes=8KB",
                "--parley.outbound.limit=32KB",
                "--server.forward-headers-strategy=native");
        Balancer balancer =
            Balancer.start(
                "prometheus", List.of(cluster.left().port(), cluster.right().port()), 1);
        Prometheus prometheus = Prometheus.scraping(cluster.left(), cluster.right())) {
      Ledger ledger = new Ledger();
      Publisher.Load load = new Publisher.Load(Integer.MAX_VALUE, 4, 2_000);
      List<AutoCloseable> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Subscriber each = new Subscriber(ledger, "watched", "s" + i);
        clients.add(each.connect(balancer.door(each.toString())).awaitJoined());
      }
      for (int i = 0; i < 4; i++) {
        String name = "p" + i;
        clients.add(Publisher.start(ledger, balancer.door(name), "watched", name, load));
      }
      WireClient.connect(cluster.left(), "guest", (from, frame) -> {}).drop();

      soon()
          .untilAsserted(() -> {
            for (String query : panels()) {
              assertThat(prometheus.query(query)).as(query).isNotEmpty();
            }
          });
      assertThat(prometheus.firing())
          .doesNotContain("ParleySlowConsumers", "ParleyBrokerUnavailable");

      CountDownLatch never = new CountDownLatch(1);
      WireClient slow = slowReader(cluster.left(), never);
      soon().until(() -> prometheus.firing().contains("ParleySlowConsumers"));
      never.countDown();
      slow.close();

      cluster.redis().kill();
      soon().until(() -> prometheus.firing().contains("ParleyBrokerUnavailable"));
      cluster.redis().start();
      soon().until(() -> !prometheus.firing().contains("ParleyBrokerUnavailable"));
      soon().until(() -> prometheus.firing().contains("ParleyRedisReplaced"));

      soon().until(() -> !prometheus.firing().contains("ParleyInstanceDown"));
      cluster.right().kill();
      soon().until(() -> prometheus.firing().contains("ParleyInstanceDown"));
      for (AutoCloseable client : clients) {
        client.close();
      }
    }
  }

  private static List<String> panels() throws IOException {
    return MonitoringTests.queries().stream()
        .map(query ->
            query
                .replace("$job", "parley")
                .replace("$instance", ".*")
                .replace("$__rate_interval", "10s"))
        .toList();
  }

  /** A member whose reading thread stops at its first frame. */
  private static WireClient slowReader(ParleyProcess instance, CountDownLatch until)
      throws IOException {
    WireClient slow =
        WireClient.connect(
            instance,
            "slow",
            (from, frame) -> {
              try {
                until.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    slow.send("{\"type\":\"join\",\"room\":\"watched\"}");
    return slow;
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(500));
  }
}
