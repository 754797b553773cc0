package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Instances that share one Redis and one time, which only passes when a test says so. */
class LeasesTests {
  private static final long GRACE_MS = 3_000;

  private final FakeInstanceRecords redis = new FakeInstanceRecords();
  private final List<Node> nodes = new ArrayList<>();
  private long now;

  /** An instance. */
  private final class Node {
    private final FakeInstanceRecords.Way way = redis.new Way();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<@Nullable Incarnation> entries = new ArrayList<>();
    private final List<CompletableFuture<Object>> entering = new ArrayList<>();
    private final Leases leases;
    private boolean entersSlowly;
    private boolean paused;

    Node(String name) {
      leases =
          new Leases(
              new Incarnation(name),
              way,
              Runnable::run,
              () -> now,
              TimeUnit.MILLISECONDS.toNanos(GRACE_MS),
              this::enterAgain,
              new RedisMetrics(registry));
      nodes.add(this);
      leases.connected(false);
    }

    private CompletionStage<?> enterAgain() {
      entries.add(leases.current());
      CompletableFuture<Object> entered = new CompletableFuture<>();
      entering.add(entered);
      if (!entersSlowly) {
        entered.complete(this);
      }
      return entered;
    }

    Incarnation incarnation() {
      return Objects.requireNonNull(leases.current());
    }

    int reaped() {
      return (int) registry.counter("parley.redis.instances.reaped").count();
    }

    int lost() {
      return (int) registry.counter("parley.redis.leases.lost").count();
    }
  }

  private void pass(long millis) {
    long end = now + TimeUnit.MILLISECONDS.toNanos(millis);
    while (now < end) {
      now += LeaseWatcher.POLL_NANOS;
      nodes.stream().filter(node -> !node.paused).forEach(node -> node.leases.tick());
    }
  }

  private static List<String> rooms(int count) {
    return IntStream.range(0, count).mapToObj(i -> "room" + i).toList();
  }

  private Incarnation occupying(Node node, int count) {
    Incarnation incarnation = node.incarnation();
    redis.of(incarnation).addAll(rooms(count));
    return incarnation;
  }

  @Test
  void nobodyWhoBeatsIsReaped() {
    Node one = new Node("one");
    Node two = new Node("two");
    occupying(one, 3);
    occupying(two, 3);

    pass(600_000);

    assertThat(redis.swept).isEmpty();
    assertThat(redis.beats).containsOnlyKeys(one.incarnation(), two.incarnation());
    assertThat(one.lost() + two.lost() + one.reaped() + two.reaped()).isZero();
  }

  @Test
  void roomsOfADeadInstanceAreSweptAfterTheGraceTimeByOneOfTheOthers() {
    Node one = new Node("one");
    Node two = new Node("two");
    Node three = new Node("three");
    Incarnation dead = occupying(three, 2 * Reaper.ROOMS_A_STEP + 1);
    pass(1_000);
    three.paused = true;

    pass(9_000);
    assertThat(redis.dead).containsOnlyKeys(dead);
    assertThat(one.reaped() + two.reaped()).isEqualTo(1);
    pass(GRACE_MS - 1_500);
    assertThat(redis.swept).isEmpty();
    pass(2_000);

    assertThat(redis.swept).containsOnlyKeys(rooms(2 * Reaper.ROOMS_A_STEP + 1));
    assertThat(redis.swept.values()).allMatch(List.of(dead)::equals);
    assertThat(redis.of(dead)).isEmpty();
    assertThat(redis.dead).isEmpty();
    assertThat(redis.beats).containsOnlyKeys(one.incarnation(), two.incarnation());
  }

  @Test
  void pausedWatcherReapsNobodyWhenItComesBack() {
    Node one = new Node("one");
    Node two = new Node("two");
    occupying(two, 3);
    one.paused = true;
    // Not long enough to lose its own lease.
    pass(7_000);
    one.paused = false;
    two.paused = true;
    pass(5_000);
    two.paused = false;
    pass(60_000);

    assertThat(redis.swept).isEmpty();
    assertThat(one.reaped() + two.reaped() + one.lost() + two.lost()).isZero();
  }

  @Test
  void lostBeatsAreNoDeathWhileOthersArrive() {
    Node one = new Node("one");
    Node two = new Node("two");
    occupying(two, 3);
    for (int i = 0; i < 10; i++) {
      two.way.cut = true;
      pass(5_000);
      two.way.cut = false;
      pass(2_500);
    }

    assertThat(redis.swept).isEmpty();
    assertThat(one.reaped() + two.lost()).isZero();
  }

  @Test
  void outageOfRedisReapsNobody() {
    Node one = new Node("one");
    Node two = new Node("two");
    Incarnation before = occupying(one, 3);
    occupying(two, 3);
    nodes.forEach(node -> node.way.cut = true);
    pass(60_000);
    assertThat(one.leases.current()).isNull();
    nodes.forEach(node -> node.way.cut = false);
    pass(60_000);

    assertThat(one.reaped() + two.reaped()).isZero();
    assertThat(one.lost()).isEqualTo(1);
    assertThat(one.entries).containsExactly(before, one.incarnation());
    assertThat(redis.beats).containsOnlyKeys(one.incarnation(), two.incarnation());
    assertThat(redis.dead).isEmpty();
  }

  @Test
  void workOfAReaperThatDiesMidSweepIsTakenOver() {
    Node reaper = new Node("reaper");
    Incarnation reaping = occupying(reaper, 1);
    Node dying = new Node("dying");
    int count = 3 * Reaper.ROOMS_A_STEP;
    Incarnation dead = occupying(dying, count);
    dying.paused = true;
    // It dies in its second step.
    reaper.way.sweepsLeft = Reaper.ROOMS_A_STEP + 10;
    pass(20_000);
    reaper.paused = true;
    assertThat(redis.dead).containsExactlyEntriesOf(Map.of(dead, "reaper"));
    assertThat(redis.of(dead)).hasSize(count - Reaper.ROOMS_A_STEP);
    Node heir = new Node("heir");

    pass(30_000);

    assertThat(redis.of(dead)).isEmpty();
    assertThat(redis.of(reaping)).isEmpty();
    assertThat(redis.swept).containsOnlyKeys(rooms(count));
    assertThat(redis.swept.get("room0")).containsExactlyInAnyOrder(dead, reaping);
    assertThat(redis.dead).isEmpty();
    assertThat(redis.beats).containsOnlyKeys(heir.incarnation());
  }

  @Test
  void sweepGoesOnWhenAStepFailed() {
    Node one = new Node("one");
    Node two = new Node("two");
    Incarnation dead = occupying(two, 10);
    two.paused = true;
    one.way.sweepsLeft = 4;
    pass(13_000);
    assertThat(redis.of(dead)).hasSize(10);
    one.way.sweepsLeft = Integer.MAX_VALUE;
    one.way.cut = false;

    pass(2_000);

    assertThat(redis.of(dead)).isEmpty();
    assertThat(one.lost()).isZero();
  }

  @Test
  void pausedInstanceThatComesBackEntersEverythingUnderANewName() {
    Node one = new Node("one");
    Node two = new Node("two");
    Incarnation former = occupying(two, 3);
    two.paused = true;
    pass(30_000);
    assertThat(redis.swept).hasSize(3);
    assertThat(two.leases.current()).isNull();
    two.paused = false;
    two.entersSlowly = true;
    // What it was about to say when it was paused.
    redis.of(former).add("late");

    pass(1_000);
    assertThat(two.incarnation()).isNotEqualTo(former);
    assertThat(two.entries).containsExactly(former, two.incarnation());
    assertThat(redis.dead).isEmpty();
    two.entering.getLast().complete(two);
    pass(GRACE_MS + 2_000);

    assertThat(redis.swept).containsKey("late");
    assertThat(redis.dead).isEmpty();
    assertThat(two.lost()).isEqualTo(1);
    assertThat(one.reaped()).isEqualTo(1);
    pass(60_000);
    assertThat(two.lost()).isEqualTo(1);
  }

  @Test
  void instanceWhoseClockStoodStillWithItIsToldThatItIsDead() {
    Node one = new Node("one");
    Node two = new Node("two");
    Incarnation former = occupying(two, 1);
    // As a peer would that has waited for long.
    one.way.bury(one.incarnation(), former, Objects.requireNonNull(redis.beats.get(former)));

    pass(2_500);

    assertThat(two.incarnation()).isNotEqualTo(former);
    assertThat(two.entries).hasSize(2);
    assertThat(redis.beats).containsOnlyKeys(one.incarnation(), two.incarnation());
  }

  @Test
  void everythingIsEnteredAgainWhenRedisHasLostIt() {
    Node one = new Node("one");
    Incarnation former = one.incarnation();
    redis.beats.clear();

    pass(2_500);

    assertThat(one.incarnation()).isNotEqualTo(former);
    assertThat(one.entries).hasSize(2);
  }

  @Test
  void everythingIsEnteredAgainWhenRedisIsAnotherOne() {
    Node one = new Node("one");
    Incarnation former = occupying(one, 3);

    one.leases.connected(true);

    assertThat(one.incarnation()).isNotEqualTo(former);
    assertThat(one.entries).hasSize(2);
    pass(GRACE_MS + 2_000);
    assertThat(redis.swept).hasSize(3);
    assertThat(redis.beats).containsOnlyKeys(one.incarnation());
    assertThat(redis.dead).isEmpty();
    assertThat(one.reaped()).isZero();
  }

  @Test
  void instanceThatLeavesIsNotMissed() {
    Node one = new Node("one");
    Node two = new Node("two");
    two.leases.end(true);
    pass(30_000);

    assertThat(redis.beats).containsOnlyKeys(one.incarnation());
    assertThat(redis.dead).isEmpty();
    assertThat(one.reaped()).isZero();
  }

  @Test
  void instanceThatLeavesUsersBehindIsSweptByTheOthers() {
    Node one = new Node("one");
    Node two = new Node("two");
    occupying(two, 2);
    two.leases.end(false);
    pass(GRACE_MS + 2_000);

    assertThat(redis.swept).hasSize(2);
    assertThat(redis.dead).isEmpty();
    assertThat(one.reaped()).isZero();
  }
}
