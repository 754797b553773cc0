package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.cluster.Publisher.Load;
import dev.parley.support.RedisProcess;
import io.lettuce.core.KillArgs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the promises when connections break and Redis forgets, stops or loses. */
@Tag("cluster")
@Timeout(240)
class FaultIT {
  private static final int EACH = 10_000;
  private static final int WINDOW = 256;

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        Cluster.start(
            "fault",
            RedisProcess.durable(),
            "--parley.history.size=50000",
            "--parley.history.bytes=1GB");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(100)).pollInterval(Duration.ofMillis(20));
  }

  /** Waits until so much of all that is published is acknowledged. */
  private static void at(int percent, List<Publisher> publishers) {
    soon().until(() -> acknowledged(publishers) >= 4 * EACH / 100 * percent);
  }

  private static int acknowledged(List<Publisher> publishers) {
    return publishers.stream().mapToInt(Publisher::acknowledged).sum();
  }

  private static void kill(KillArgs whom) {
    assertThat(cluster.redis().<Long>ask(redis -> redis.clientKill(whom))).isPositive();
  }

  @Test
  void everyMessageIsSeenOnceInOneOrderWhateverBreaks() {
    Ledger ledger = new Ledger();
    List<Subscriber> subscribers = cluster.subscribers(ledger, "faults");
    Subscriber wanderer =
        new Subscriber(ledger, "faults", "wanderer").connect(cluster.left()).awaitJoined();
    List<Publisher> publishers = cluster.publishers(ledger, "faults", new Load(EACH, WINDOW, 0));
    at(10, publishers);
    kill(KillArgs.Builder.typePubsub());
    wanderer.awaitJoined().drop();
    wanderer.connect(cluster.right());
    at(20, publishers);
    cluster.redis().ask(redis -> redis.scriptFlush());
    at(30, publishers);
    // Every connection but those that listen: commands and publishing.
    kill(KillArgs.Builder.typeNormal());
    wanderer.awaitJoined().drop();
    wanderer.connect(cluster.left());
    at(40, publishers);
    cluster.proxy().cut();
    publishers.forEach(Publisher::cut);
    at(50, publishers);
    // What is executed now is not answered: only its id tells that it is in the room already.
    cluster.proxy().swallowReplies();
    Publisher left = publishers.getFirst();
    int before = left.acknowledged();
    soon().until(() -> left.isDone() || left.acknowledged() > before + 500);
    cluster.proxy().healForNewConnections();
    cluster.proxy().cut();
    wanderer.awaitJoined().drop();
    wanderer.connect(cluster.right());
    at(65, publishers);
    cluster.redis().restart();
    wanderer.awaitJoined().drop();
    wanderer.connect(cluster.left());
    at(80, publishers);
    cluster.redis().restart();
    soon().until(() -> publishers.stream().allMatch(Publisher::isDone));
    soon().until(() -> subscribers.stream().allMatch(each -> each.count() >= 4 * EACH));
    soon().until(() -> wanderer.count() >= 4 * EACH);

    List<String> order = subscribers.getFirst().messages();
    assertThat(order).hasSize(4 * EACH).doesNotHaveDuplicates();
    subscribers.add(wanderer);
    for (Subscriber subscriber : subscribers) {
      assertThat(subscriber.violations()).as("%s", subscriber).isEmpty();
      assertThat(subscriber.losses()).as("%s", subscriber).isEmpty();
      assertThat(subscriber.messages().equals(order)).as("%s", subscriber).isTrue();
    }
    assertThat(wanderer.resumed()).isEqualTo(4);
    assertThat(ledger.conflicts()).isEmpty();
    for (Publisher publisher : publishers) {
      assertThat(publisher.refusals()).isSubsetOf("unconfirmed", "broker_unavailable");
    }
    publishers.forEach(Publisher::close);
    subscribers.forEach(Subscriber::close);
  }

  @Test
  void whoeverSawWhatRedisLostIsToldAndNoPositionIsGivenTwice() throws IOException {
    Ledger ledger = new Ledger();
    List<Subscriber> subscribers = cluster.subscribers(ledger, "losses");
    Subscriber early = new Subscriber(ledger, "losses", "early").connect(cluster.left());
    Subscriber late = new Subscriber(ledger, "losses", "late").connect(cluster.right());
    early.awaitJoined();
    late.awaitJoined();
    List<Publisher> publishers = cluster.publishers(ledger, "losses", new Load(EACH, WINDOW, 0));
    at(5, publishers);
    early.drop();
    for (int round = 1; round <= 4; round++) {
      long kept = Files.size(cluster.redis().appendOnlyFile());
      int before = acknowledged(publishers);
      // More than were on their way: what is acknowledged then was published behind that.
      soon().until(() -> acknowledged(publishers) > before + 4 * WINDOW);
      long lost = publishers.stream().mapToLong(Publisher::offset).max().orElseThrow();
      soon().until(() -> late.last() >= lost);
      soon().until(() -> subscribers.stream().allMatch(each -> each.last() >= lost));
      late.drop();
      cluster.redis().kill();
      truncate(kept);
      cluster.redis().start();
      int told = round;
      soon().until(() -> subscribers.stream().allMatch(each -> each.losses().size() >= told));
      late.connect(round % 2 == 0 ? cluster.right() : cluster.left());
      soon().until(() -> late.losses().size() >= told);
    }
    soon().until(() -> publishers.stream().allMatch(Publisher::isDone));
    early.connect(cluster.right()).awaitJoined();
    Subscriber fresh = new Subscriber(ledger, "losses", "fresh");
    fresh.fromTheBeginning(early).connect(cluster.left()).awaitJoined();
    soon().until(() -> fresh.last() == fresh.head());
    long head = fresh.head();
    subscribers.addAll(List.of(early, late, fresh));
    soon().until(() -> subscribers.stream().allMatch(each -> each.last() == head));

    assertThat(ledger.conflicts()).isEmpty();
    for (Subscriber subscriber : subscribers) {
      assertThat(subscriber.violations()).as("%s", subscriber).isEmpty();
    }
    // What was gone when it came back it had not seen: for it nothing is missing.
    assertThat(early.losses()).isEmpty();
    assertThat(early.messages().equals(fresh.messages())).isTrue();
    assertThat(fresh.messages()).doesNotHaveDuplicates();
    publishers.forEach(Publisher::close);
    subscribers.forEach(Subscriber::close);
  }

  private static void truncate(long size) throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(cluster.redis().appendOnlyFile().toFile(), "rw")) {
      file.setLength(size);
    }
  }
}
