package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.cluster.Publisher.Load;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two instances on one Redis are one service: whoever is where hears the same. */
@Tag("cluster")
@Timeout(180)
class BroadcastIT {
  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.shared();
  }

  @Test
  void everySubscriberOnBothInstancesSeesEveryMessageOnceInOneOrder() {
    Ledger ledger = new Ledger();
    List<Subscriber> subscribers = cluster.subscribers(ledger, "broadcast");
    List<Publisher> publishers = cluster.publishers(ledger, "broadcast", Load.of(10_000));
    await()
        .atMost(Duration.ofSeconds(100))
        .until(() -> subscribers.stream().allMatch(each -> each.count() >= 40_000));

    List<String> order = subscribers.getFirst().messages();
    assertThat(order).hasSize(40_000).doesNotHaveDuplicates();
    for (Publisher publisher : publishers) {
      assertThat(publisher.refusals()).isEmpty();
      assertThat(order)
          .filteredOn(message -> message.startsWith(publisher + "-"))
          .isEqualTo(publisher.messages());
    }
    for (Subscriber subscriber : subscribers) {
      assertThat(subscriber.violations()).as("%s", subscriber).isEmpty();
      assertThat(subscriber.losses()).as("%s", subscriber).isEmpty();
      assertThat(subscriber.messages().equals(order)).as("%s", subscriber).isTrue();
    }
    assertThat(ledger.conflicts()).isEmpty();
    publishers.forEach(Publisher::close);
    subscribers.forEach(Subscriber::close);
  }
}
