package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

/** What is told of the users of instances that are killed or paused, or lose what Redis had. */
@Tag("cluster")
@Timeout(180)
class PresenceLeaseIT {
  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.start("lease", RedisProcess.launch(), Cluster.GRACE);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30));
  }

  @Test
  void usersOfAKilledInstanceLeaveUnlessTheyAreElsewhere() throws IOException {
    try (ParleyProcess dying = launch("presence-killed")) {
      RoomMember ann = new RoomMember(cluster.left(), "killed", "ann");
      RoomMember first = new RoomMember(dying, "killed", "carol");
      RoomMember second = new RoomMember(dying, "killed", "carol");
      RoomMember third = new RoomMember(cluster.right(), "killed", "carol");
      RoomMember bob = new RoomMember(dying, "killed", "bob");
      RoomMember dave = new RoomMember(dying, "killed", "dave");
      ann.hears("+ann", "+carol", "+bob", "+dave");
      dying.kill();
      soon()
          .until(
              () -> Stream.of(first, second, bob, dave).noneMatch(each -> each.client().isOpen()));
      // A client that comes back at once, as clients do.
      RoomMember again = new RoomMember(cluster.right(), "killed", "dave");
      assertThat(again.members()).isEqualTo(4);

      ann.hears("+ann", "+carol", "+bob", "+dave", "-bob");
      third.hears("+bob", "+dave", "-bob");
      RoomMember late = new RoomMember(cluster.left(), "killed", "late");
      assertThat(late.members()).isEqualTo(3);
      third.leave();
      ann.hears("+ann", "+carol", "+bob", "+dave", "-bob", "+late", "-carol");
      again.leave();
      ann.hears("+ann", "+carol", "+bob", "+dave", "-bob", "+late", "-carol", "-dave");
      for (RoomMember member : List.of(ann, third, again, late)) {
        member.client().close();
      }
    }
  }

  @Test
  void usersOfAPausedInstanceLeaveAndAreBackWhenItIs() throws IOException {
    try (ParleyProcess pausing = launch("presence-paused")) {
      RoomMember ann = new RoomMember(cluster.left(), "paused", "ann");
      RoomMember first = new RoomMember(pausing, "paused", "carol");
      RoomMember second = new RoomMember(pausing, "paused", "carol");
      RoomMember third = new RoomMember(cluster.right(), "paused", "carol");
      RoomMember bob = new RoomMember(pausing, "paused", "bob");
      ann.hears("+ann", "+carol", "+bob");
      pausing.pause();
      try {
        ann.hears("+ann", "+carol", "+bob", "-bob");
        third.leave();
        ann.hears("+ann", "+carol", "+bob", "-bob", "-carol");
      } finally {
        pausing.proceed();
      }

      soon().untilAsserted(() -> assertThat(ann.notices()).hasSize(7));
      assertThat(ann.notices().subList(5, 7)).containsExactlyInAnyOrder("+bob", "+carol");
      RoomMember late = new RoomMember(cluster.right(), "paused", "late");
      assertThat(late.members()).isEqualTo(3);
      first.leave();
      bob.leave();
      soon().untilAsserted(() -> assertThat(ann.notices()).endsWith("+late", "-bob"));
      second.leave();
      soon().untilAsserted(() -> assertThat(ann.notices()).endsWith("+late", "-bob", "-carol"));
      assertThat(ann.notices()).hasSize(10);
      assertThat(pausing.log())
          .contains("has lost its lease on presence")
          .doesNotContain(" ERROR ");
      for (RoomMember member : List.of(ann, late)) {
        member.client().close();
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
      RoomMember ann = new RoomMember(one, "reaped", "ann");
      RoomMember dora = new RoomMember(two, "reaped", "dora");
      new RoomMember(dying, "reaped", "bob");
      ann.hears("+ann", "+dora", "+bob");
      dora.hears("+dora", "+bob");
      dying.kill();
      List<ParleyProcess> reapers = new ArrayList<>();
      // It waits for the grace time before it sweeps.
      soon()
          .pollInterval(Duration.ofMillis(100))
          .until(() ->
              Stream.of(one, two)
                      .filter(each -> each.metric("parley_redis_instances_reaped_total", "") == 1)
                      .peek(reapers::add)
                      .count()
                  == 1);
      ParleyProcess reaper = reapers.getFirst();
      assertThat(ann.notices()).doesNotContain("-bob");
      reaper.kill();

      RoomMember left = reaper == one ? dora : ann;
      String gone = reaper == one ? "-ann" : "-dora";
      soon().untilAsserted(() -> assertThat(left.notices()).contains("-bob", gone));
      assertThat(left.notices().stream().filter(notice -> notice.startsWith("-"))).hasSize(2);
    }
  }

  @Test
  void presenceIsWholeAfterRedisWasRestartedEmpty() throws IOException {
    RoomMember ann = new RoomMember(cluster.left(), "emptied", "ann");
    RoomMember bob = new RoomMember(cluster.right(), "emptied", "bob");
    RoomMember also = new RoomMember(cluster.left(), "emptied", "bob");
    bob.hears("+bob");
    cluster.redis().restart();
    // Bob is there by two instances.
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> incarnations("ann") == 1 && incarnations("bob") == 2);
    RoomMember late = new RoomMember(cluster.right(), "emptied", "late");
    assertThat(late.members()).isEqualTo(2);
    also.leave();
    RoomMember carol = new RoomMember(cluster.left(), "emptied", "carol");
    assertThat(ann.notices()).doesNotContain("-bob", "-ann");
    bob.leave();
    soon().untilAsserted(() -> assertThat(ann.notices()).contains("-bob", "+carol"));
    for (RoomMember member : List.of(ann, late, carol)) {
      member.client().close();
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
    return ParleyProcess.launch(name, redis.host(), redis.port(), Cluster.GRACE);
  }
}
