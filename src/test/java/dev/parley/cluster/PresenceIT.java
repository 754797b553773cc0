package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

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
  void instanceThatIsStoppedSendsItsUsersAwayAndTakesThemOutOfTheirRooms() {
    try (ParleyProcess leaving =
        ParleyProcess.launch(
            "presence-leaving", cluster.redis().host(), cluster.redis().port(), Cluster.GRACE)) {
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
            Cluster.GRACE,
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
