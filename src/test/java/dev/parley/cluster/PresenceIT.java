package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is in a room is one answer for all instances, and is announced once. */
@Tag("cluster")
@Timeout(120)
class PresenceIT {
  private static Cluster cluster;

  @BeforeAll
  static void start() {
    cluster = Cluster.shared();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30));
  }

  @Test
  void usersAreAnnouncedOncePerRoomWhereverTheirConnectionsAre() throws IOException {
    RoomMember ann = new RoomMember(cluster.left(), "everywhere", "ann");
    RoomMember bob = new RoomMember(cluster.right(), "everywhere", "bob");
    ann.hears("+ann", "+bob");
    bob.hears("+bob");

    RoomMember carol = new RoomMember(cluster.left(), "everywhere", "carol");
    bob.hears("+bob", "+carol");
    RoomMember second = new RoomMember(cluster.right(), "everywhere", "carol");
    assertThat(second.members()).isEqualTo(3);
    carol.client().drop();
    // Back before the grace time is over, though on the other instance.
    RoomMember dave = new RoomMember(cluster.left(), "everywhere", "dave");
    dave.client().drop();
    RoomMember back = new RoomMember(cluster.right(), "everywhere", "dave");
    // Gone for good; whatever is said of those before it is said before that.
    new RoomMember(cluster.left(), "everywhere", "eve").client().drop();
    String[] soFar = {"+ann", "+bob", "+carol", "+dave", "+eve", "-eve"};
    ann.hears(soFar);

    second.leave();
    ann.hears("+ann", "+bob", "+carol", "+dave", "+eve", "-eve", "-carol");
    bob.hears("+bob", "+carol", "+dave", "+eve", "-eve", "-carol");
    RoomMember late = new RoomMember(cluster.left(), "everywhere", "late");
    assertThat(late.members()).isEqualTo(3);
    back.leave();
    ann.hears("+ann", "+bob", "+carol", "+dave", "+eve", "-eve", "-carol", "+late", "-dave");
    bob.hears("+bob", "+carol", "+dave", "+eve", "-eve", "-carol", "+late", "-dave");
    for (RoomMember member : List.of(ann, bob, second, back, late)) {
      member.client().close();
    }
  }

  @Test
  void instanceThatIsStoppedSendsItsUsersAwayAndTakesThemOutOfTheirRooms() {
    try (ParleyProcess leaving =
        ParleyProcess.launch(
            "presence-leaving", cluster.redis().host(), cluster.redis().port(), Cluster.GRACE)) {
      leaving.awaitReady();
      RoomMember ann = new RoomMember(cluster.left(), "stopped", "ann");
      RoomMember bob = new RoomMember(leaving, "stopped", "bob");
      RoomMember carol = new RoomMember(leaving, "stopped", "carol");
      RoomMember also = new RoomMember(cluster.left(), "stopped", "carol");
      ann.hears("+ann", "+bob", "+carol");
      leaving.terminate();

      soon().until(() -> !bob.client().isOpen() && !carol.client().isOpen());
      assertThat(bob.client().closeCode()).isEqualTo(1012);
      assertThat(carol.client().closeCode()).isEqualTo(1012);
      ann.hears("+ann", "+bob", "+carol", "-bob");
      soon().until(() -> !leaving.isAlive());
      RoomMember back = new RoomMember(cluster.left(), "stopped", "bob");
      ann.hears("+ann", "+bob", "+carol", "-bob", "+bob");
      assertThat(leaving.log()).doesNotContain(" ERROR ");
      for (RoomMember member : List.of(ann, also, back)) {
        member.client().close();
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
            Cluster.GRACE,
            "--parley.drain.window=3s")) {
      leaving.awaitReady();
      RoomMember ann = new RoomMember(cluster.left(), "drained", "ann");
      RoomMember bob = new RoomMember(leaving, "drained", "bob");
      RoomMember carol = new RoomMember(leaving, "drained", "carol");
      RoomMember dave = new RoomMember(leaving, "drained", "dave");
      ann.hears("+ann", "+bob", "+carol", "+dave");
      leaving.terminate();

      soon().until(() -> bob.afterMs() >= 0 && carol.afterMs() >= 0 && dave.afterMs() >= 0);
      assertThat(List.of(bob.afterMs(), carol.afterMs(), dave.afterMs()))
          .allMatch(ms -> ms < 3_000)
          .anyMatch(ms -> ms >= 1_000);
      soon()
          .until(
              () -> !bob.client().isOpen() && !carol.client().isOpen() && !dave.client().isOpen());
      assertThat(carol.client().closeCode()).isEqualTo(1012);
      RoomMember bobAgain = new RoomMember(cluster.right(), "drained", "bob");
      RoomMember carolAgain = new RoomMember(cluster.left(), "drained", "carol");
      // Dave does not come back.
      ann.hears("+ann", "+bob", "+carol", "+dave", "-dave");
      soon().until(() -> !leaving.isAlive());
      assertThat(leaving.log()).doesNotContain(" ERROR ").doesNotContain(" WARN ");
      for (RoomMember member : List.of(ann, bobAgain, carolAgain)) {
        member.client().close();
      }
    }
  }
}
