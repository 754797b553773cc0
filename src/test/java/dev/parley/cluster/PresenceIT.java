package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who is in a room is one answer for all instances, and is announced once. */
@Tag("cluster")
@Timeout(180)
class PresenceIT {
  private static final String GRACE = "--parley.presence.grace=3s";

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.start("presence", RedisProcess.launch(), GRACE);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30));
  }

  /** A connection of a user in the room, which notes who comes and goes. */
  private static final class Member {
    private final List<String> notices = new CopyOnWriteArrayList<>();
    private final String room;
    private final WireClient client;
    private volatile int members = -1;
    private volatile boolean left;
    private volatile int afterMs = -1;

    Member(ParleyProcess instance, String room, String user) {
      this.room = room;
      try {
        client = WireClient.connect(instance, user, (from, frame) -> frame(frame));
        client.send("{\"type\":\"join\",\"room\":\"%s\"}".formatted(room));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      soon().until(() -> members >= 0);
    }

    private void frame(JsonNode frame) {
      switch (frame.path("type").asString()) {
        case "joined" -> members = frame.path("members").asInt();
        case "user-joined" -> notices.add("+" + frame.path("user").asString());
        case "user-left" -> notices.add("-" + frame.path("user").asString());
        case "left" -> left = true;
        case "reconnect" -> afterMs = frame.path("afterMs").asInt();
        default -> {
          // Messages are other tests' subject.
        }
      }
    }

    void leave() throws IOException {
      client.send("{\"type\":\"leave\",\"ref\":\"l\",\"room\":\"%s\"}".formatted(room));
      soon().until(() -> left);
    }

    void hears(String... expected) {
      soon().untilAsserted(() -> assertThat(notices).containsExactly(expected));
    }
  }

  @Test
  void usersAreAnnouncedOncePerRoomWhereverTheirConnectionsAre() throws IOException {
    Member ann = new Member(cluster.left(), "everywhere", "ann");
    Member bob = new Member(cluster.right(), "everywhere", "bob");
    ann.hears("+ann", "+bob");
    bob.hears("+bob");

    Member carol = new Member(cluster.left(), "everywhere", "carol");
    bob.hears("+bob", "+carol");
    Member second = new Member(cluster.right(), "everywhere", "carol");
    assertThat(second.members).isEqualTo(3);
    carol.client.drop();
    // Back before the grace time is over, though on the other instance.
    Member dave = new Member(cluster.left(), "everywhere", "dave");
    dave.client.drop();
    Member back = new Member(cluster.right(), "everywhere", "dave");
    // Gone for good; whatever is said of those before it is said before that.
    new Member(cluster.left(), "everywhere", "eve").client.drop();
    String[] soFar = {"+ann", "+bob", "+carol", "+dave", "+eve", "-eve"};
    ann.hears(soFar);

    second.leave();
    ann.hears("+ann", "+bob", "+carol", "+dave", "+eve", "-eve", "-carol");
    bob.hears("+bob", "+carol", "+dave", "+eve", "-eve", "-carol");
    Member late = new Member(cluster.left(), "everywhere", "late");
    assertThat(late.members).isEqualTo(3);
    back.leave();
    ann.hears("+ann", "+bob", "+carol", "+dave", "+eve", "-eve", "-carol", "+late", "-dave");
    bob.hears("+bob", "+carol", "+dave", "+eve", "-eve", "-carol", "+late", "-dave");
    for (Member member : List.of(ann, bob, second, back, late)) {
      member.client.close();
    }
  }

  @Test
  void usersOfAKilledInstanceLeaveUnlessTheyAreElsewhere() throws IOException {
    try (ParleyProcess dying = launch("presence-killed")) {
      Member ann = new Member(cluster.left(), "killed", "ann");
      Member first = new Member(dying, "killed", "carol");
      Member second = new Member(dying, "killed", "carol");
      Member third = new Member(cluster.right(), "killed", "carol");
      Member bob = new Member(dying, "killed", "bob");
      Member dave = new Member(dying, "killed", "dave");
      ann.hears("+ann", "+carol", "+bob", "+dave");
      dying.kill();
      soon()
          .until(() -> Stream.of(first, second, bob, dave).noneMatch(each -> each.client.isOpen()));
      // A client that comes back at once, as clients do.
      Member again = new Member(cluster.right(), "killed", "dave");
      assertThat(again.members).isEqualTo(4);

      ann.hears("+ann", "+carol", "+bob", "+dave", "-bob");
      third.hears("+bob", "+dave", "-bob");
      Member late = new Member(cluster.left(), "killed", "late");
      assertThat(late.members).isEqualTo(3);
      third.leave();
      ann.hears("+ann", "+carol", "+bob", "+dave", "-bob", "+late", "-carol");
      again.leave();
      ann.hears("+ann", "+carol", "+bob", "+dave", "-bob", "+late", "-carol", "-dave");
      for (Member member : List.of(ann, third, again, late)) {
        member.client.close();
      }
    }
  }

  @Test
  void usersOfAPausedInstanceLeaveAndAreBackWhenItIs() throws IOException {
    try (ParleyProcess pausing = launch("presence-paused")) {
      Member ann = new Member(cluster.left(), "paused", "ann");
      Member first = new Member(pausing, "paused", "carol");
      Member second = new Member(pausing, "paused", "carol");
      Member third = new Member(cluster.right(), "paused", "carol");
      Member bob = new Member(pausing, "paused", "bob");
      ann.hears("+ann", "+carol", "+bob");
      pausing.pause();
      try {
        ann.hears("+ann", "+carol", "+bob", "-bob");
        third.leave();
        ann.hears("+ann", "+carol", "+bob", "-bob", "-carol");
      } finally {
        pausing.proceed();
      }

      soon().untilAsserted(() -> assertThat(ann.notices).hasSize(7));
      assertThat(ann.notices.subList(5, 7)).containsExactlyInAnyOrder("+bob", "+carol");
      Member late = new Member(cluster.right(), "paused", "late");
      assertThat(late.members).isEqualTo(3);
      first.leave();
      bob.leave();
      soon().untilAsserted(() -> assertThat(ann.notices).endsWith("+late", "-bob"));
      second.leave();
      soon().untilAsserted(() -> assertThat(ann.notices).endsWith("+late", "-bob", "-carol"));
      assertThat(ann.notices).hasSize(10);
      assertThat(pausing.log())
          .contains("has lost its lease on presence")
          .doesNotContain(" ERROR ");
      for (Member member : List.of(ann, late)) {
        member.client.close();
      }
    }
  }

  @Test
  void workOfAnInstanceThatDiesWhileItReapsIsTakenOver() {
    try (RedisProcess redis = RedisProcess.launch();
        ParleyProcess dying = launch("presence-reaped", redis);
        ParleyProcess one = launch("presence-reaper-one", redis);
        ParleyProcess two = launch("presence-reaper-two", redis)) {
      Stream.of(dying, one, two).forEach(ParleyProcess::awaitReady);
      Member ann = new Member(one, "reaped", "ann");
      Member dora = new Member(two, "reaped", "dora");
      new Member(dying, "reaped", "bob");
      ann.hears("+ann", "+dora", "+bob");
      dora.hears("+dora", "+bob");
      dying.kill();
      List<ParleyProcess> reapers = new ArrayList<>();
      // It waits for the grace time before it sweeps.
      soon()
          .pollInterval(Duration.ofMillis(100))
          .until(() ->
              Stream.of(one, two)
                      .filter(each -> each.metric("parley_instances_reaped_total", "") == 1)
                      .peek(reapers::add)
                      .count()
                  == 1);
      ParleyProcess reaper = reapers.getFirst();
      assertThat(ann.notices).doesNotContain("-bob");
      reaper.kill();

      Member left = reaper == one ? dora : ann;
      String gone = reaper == one ? "-ann" : "-dora";
      soon().untilAsserted(() -> assertThat(left.notices).contains("-bob", gone));
      assertThat(left.notices.stream().filter(notice -> notice.startsWith("-"))).hasSize(2);
    }
  }

  @Test
  void presenceIsWholeAfterRedisWasRestartedEmpty() throws IOException {
    Member ann = new Member(cluster.left(), "emptied", "ann");
    Member bob = new Member(cluster.right(), "emptied", "bob");
    Member also = new Member(cluster.left(), "emptied", "bob");
    bob.hears("+bob");
    cluster.redis().restart();
    // Bob is there by two instances.
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> incarnations("ann") == 1 && incarnations("bob") == 2);
    Member late = new Member(cluster.right(), "emptied", "late");
    assertThat(late.members).isEqualTo(2);
    also.leave();
    Member carol = new Member(cluster.left(), "emptied", "carol");
    assertThat(ann.notices).doesNotContain("-bob", "-ann");
    bob.leave();
    soon().untilAsserted(() -> assertThat(ann.notices).contains("-bob", "+carol"));
    for (Member member : List.of(ann, late, carol)) {
      member.client.close();
    }
  }

  /** How many instances have the user in the room, for Redis. */
  private static int incarnations(String user) {
    byte[] entry = cluster.redis().ask(commands -> commands.hget("parley:1:{emptied}:p", user));
    return entry == null ? 0 : JsonMapper.shared().readTree(entry).path("at").size();
  }

  private static ParleyProcess launch(String name) {
    return launch(name, cluster.redis()).awaitReady();
  }

  private static ParleyProcess launch(String name, RedisProcess redis) {
    return ParleyProcess.launch(name, redis.host(), redis.port(), GRACE);
  }

  @Test
  void instanceThatIsStoppedSendsItsUsersAwayAndTakesThemOutOfTheirRooms() {
    try (ParleyProcess leaving =
        ParleyProcess.launch(
            "presence-leaving", cluster.redis().host(), cluster.redis().port(), GRACE)) {
      leaving.awaitReady();
      Member ann = new Member(cluster.left(), "stopped", "ann");
      Member bob = new Member(leaving, "stopped", "bob");
      Member carol = new Member(leaving, "stopped", "carol");
      Member also = new Member(cluster.left(), "stopped", "carol");
      ann.hears("+ann", "+bob", "+carol");
      leaving.terminate();

      soon().until(() -> !bob.client.isOpen() && !carol.client.isOpen());
      assertThat(bob.client.closeCode()).isEqualTo(1012);
      assertThat(carol.client.closeCode()).isEqualTo(1012);
      ann.hears("+ann", "+bob", "+carol", "-bob");
      soon().until(() -> !leaving.isAlive());
      Member back = new Member(cluster.left(), "stopped", "bob");
      ann.hears("+ann", "+bob", "+carol", "-bob", "+bob");
      assertThat(leaving.log()).doesNotContain(" ERROR ");
      for (Member member : List.of(ann, also, back)) {
        member.client.close();
      }
    }
  }

  @Test
  void whoComesBackElsewhereDuringADrainIsNotAnnouncedAsGone() {
    try (ParleyProcess leaving =
        ParleyProcess.launch(
            "presence-drained",
            cluster.redis().host(),
            cluster.redis().port(),
            GRACE,
            "--parley.drain.window=3s")) {
      leaving.awaitReady();
      Member ann = new Member(cluster.left(), "drained", "ann");
      Member bob = new Member(leaving, "drained", "bob");
      Member carol = new Member(leaving, "drained", "carol");
      Member dave = new Member(leaving, "drained", "dave");
      ann.hears("+ann", "+bob", "+carol", "+dave");
      leaving.terminate();

      soon().until(() -> bob.afterMs >= 0 && carol.afterMs >= 0 && dave.afterMs >= 0);
      assertThat(List.of(bob.afterMs, carol.afterMs, dave.afterMs))
          .allMatch(ms -> ms < 3_000)
          .anyMatch(ms -> ms >= 1_000);
      soon().until(() -> !bob.client.isOpen() && !carol.client.isOpen() && !dave.client.isOpen());
      assertThat(carol.client.closeCode()).isEqualTo(1012);
      Member bobAgain = new Member(cluster.right(), "drained", "bob");
      Member carolAgain = new Member(cluster.left(), "drained", "carol");
      // Dave does not come back.
      ann.hears("+ann", "+bob", "+carol", "+dave", "-dave");
      soon().until(() -> !leaving.isAlive());
      assertThat(leaving.log()).doesNotContain(" ERROR ").doesNotContain(" WARN ");
      for (Member member : List.of(ann, bobAgain, carolAgain)) {
        member.client.close();
      }
    }
  }
}
