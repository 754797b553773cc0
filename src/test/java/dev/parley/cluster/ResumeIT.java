package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.cluster.Publisher.Load;
import dev.parley.support.ParleyProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever comes back with its last position, to whichever instance, goes on where it was. */
@Tag("cluster")
@Timeout(180)
class ResumeIT {
  private static final int DROP_MS = 200;

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.shared();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(100));
  }

  /** A subscriber that never stays where it is for long. */
  private static final class Wanderer {
    private final Subscriber subscriber;
    private ParleyProcess instance;

    Wanderer(Subscriber subscriber, ParleyProcess instance) {
      this.subscriber = subscriber;
      this.instance = instance;
    }

    void move() {
      subscriber.drop();
      instance = cluster.other(instance);
      subscriber.connect(instance);
    }
  }

  @Test
  void subscribersThatDropAndResumeOnTheOtherInstanceMissNothing() {
    Ledger ledger = new Ledger();
    List<Subscriber> subscribers = cluster.subscribers(ledger, "resume");
    // The first stays where it is: its order is that of all.
    List<Wanderer> wanderers =
        subscribers.stream()
            .skip(1)
            .map(subscriber -> new Wanderer(subscriber, cluster.left()))
            .toList();
    List<Publisher> publishers = cluster.publishers(ledger, "resume", Load.of(10_000));
    try (ScheduledExecutorService drops = Executors.newScheduledThreadPool(wanderers.size())) {
      for (Wanderer each : wanderers) {
        var _ = drops.scheduleWithFixedDelay(each::move, DROP_MS, DROP_MS, TimeUnit.MILLISECONDS);
      }
      soon().until(() -> publishers.stream().allMatch(Publisher::isDone));
      drops.shutdown();
    }
    soon().until(() -> subscribers.stream().allMatch(each -> each.last() == 40_000));

    List<String> order = subscribers.getFirst().messages();
    assertThat(order).hasSize(40_000).doesNotHaveDuplicates();
    for (Subscriber subscriber : subscribers) {
      assertThat(subscriber.violations()).as("%s", subscriber).isEmpty();
      assertThat(subscriber.losses()).as("%s", subscriber).isEmpty();
      assertThat(subscriber.messages().equals(order)).as("%s", subscriber).isTrue();
    }
    assertThat(subscribers.subList(1, 4)).allMatch(each -> each.resumed() > 3);
    assertThat(ledger.conflicts()).isEmpty();
    publishers.forEach(Publisher::close);
    subscribers.forEach(Subscriber::close);
  }

  @Test
  void positionThatAnInstanceHasNotHeardOfYetIsNotJudgedLost() {
    Ledger ledger = new Ledger();
    Subscriber stays = new Subscriber(ledger, "ahead", "stays").connect(cluster.right());
    Subscriber moves = new Subscriber(ledger, "ahead", "moves").connect(cluster.left());
    stays.awaitJoined();
    moves.awaitJoined();
    cluster.proxy().delay(Duration.ofMillis(400));
    Publisher publisher =
        Publisher.start(ledger, cluster.left(), "ahead", "p", new Load(3_000, 64, 0));
    soon().until(() -> moves.count() > 500);
    moves.drop();
    moves.connect(cluster.right()).awaitJoined();
    cluster.proxy().heal();

    soon().until(() -> moves.last() == 3_000 && stays.last() == 3_000);
    assertThat(moves.losses()).isEmpty();
    assertThat(moves.violations()).isEmpty();
    assertThat(moves.resumed()).isEqualTo(1);
    assertThat(moves.messages().equals(publisher.messages())).isTrue();
    assertThat(stays.messages().equals(publisher.messages())).isTrue();
    publisher.close();
    moves.close();
    stays.close();
  }
}
