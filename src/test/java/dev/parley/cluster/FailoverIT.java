package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.cluster.Publisher.Load;
import dev.parley.support.RedisProcess;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An instance behind the balancer dies, and its clients go on at the other one. */
@Tag("cluster")
@Timeout(180)
class FailoverIT {
  private static final int EACH = 5_000;

  /** So many that each instance has some, whatever the ports are hashed to. */
  private static final int SUBSCRIBERS = 24;

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(100)).pollInterval(Duration.ofMillis(20));
  }

  @Test
  void theClientsOfAKilledInstanceResumeOnTheOther() {
    Ledger ledger = new Ledger();
    try (Cluster cluster =
            Cluster.start(
                "failover",
                RedisProcess.launch(),
                "--parley.history.size=50000",
                "--parley.history.bytes=1GB",
                "--server.forward-headers-strategy=native");
        Balancer balancer =
            Balancer.start("failover", List.of(cluster.left().port(), cluster.right().port()), 1)) {
      List<Subscriber> subscribers =
          IntStream.range(0, SUBSCRIBERS)
              .mapToObj(i -> new Subscriber(ledger, "failover", "s" + i))
              .map(each -> each.connect(balancer.door(each.toString())).awaitJoined())
              .toList();
      List<Publisher> publishers =
          IntStream.range(0, 4)
              .mapToObj(i -> "p" + i)
              .map(name -> {
                Load load = Load.of(EACH);
                return Publisher.start(ledger, balancer.door(name), "failover", name, load);
              })
              .toList();
      soon().until(() -> publishers.stream().allMatch(each -> each.acknowledged() > EACH / 10));

      cluster.left().kill();
      soon()
          .until(() -> {
            subscribers.stream()
                .filter(each -> !each.isConnected())
                .forEach(each -> each.connect(balancer.door(each.toString())));
            return publishers.stream().allMatch(Publisher::isDone)
                && subscribers.stream().allMatch(each -> each.last() == 4 * EACH);
          });

      List<String> order = subscribers.getFirst().messages();
      assertThat(order).hasSize(4 * EACH).doesNotHaveDuplicates();
      for (Subscriber subscriber : subscribers) {
        assertThat(subscriber.violations()).as("%s", subscriber).isEmpty();
        assertThat(subscriber.losses()).as("%s", subscriber).isEmpty();
        assertThat(subscriber.messages().equals(order)).as("%s", subscriber).isTrue();
      }
      // Some were where it happened, and came back once; the others noticed nothing.
      assertThat(subscribers.stream().mapToInt(Subscriber::resumed).sum())
          .isBetween(1, SUBSCRIBERS - 1);
      assertThat(publishers).allMatch(each -> each.refusals().isEmpty());
      assertThat(ledger.conflicts()).isEmpty();
      publishers.forEach(Publisher::close);
      subscribers.forEach(Subscriber::close);
    }
  }
}
