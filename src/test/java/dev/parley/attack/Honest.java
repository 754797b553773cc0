package dev.parley.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.cluster.Publisher;
import dev.parley.cluster.Publisher.Load;
import dev.parley.cluster.Subscriber;
import dev.parley.support.Entrance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;

/**
 * Ordinary clients: five rooms of three members and one who publishes, 100 messages a second in
 * all.
 */
final class Honest implements AutoCloseable {
  private static final int ROOMS = 5;
  private static final int MEMBERS = 3;
  private static final int PER_SECOND = 20;

  private record Circle(Publisher publisher, List<Subscriber> members) {}

  private final Delays delays = new Delays();
  private final Entrance door;
  private final List<Circle> circles = new ArrayList<>();

  private Honest(Entrance door) {
    this.door = door;
  }

  /**
   * Enters and waits until the messages of the first seconds have arrived.
   *
   * @param name of which all rooms and users have one of their own
   */
  static Honest enter(Entrance door, String name, int seconds) {
    Honest honest = new Honest(door);
    for (int i = 0; i < ROOMS; i++) {
      String room = name + "-honest-" + i;
      List<Subscriber> members =
          IntStream.range(0, MEMBERS)
              .mapToObj(member -> new Subscriber(honest.delays, room, room + "-m" + member))
              .map(each -> each.connect(door).awaitJoined())
              .toList();
      Load load = Load.steady(PER_SECOND);
      honest.circles.add(
          new Circle(Publisher.start(honest.delays, door, room, room + "-p", load), members));
    }
    soon()
        .until(() ->
            honest.circles.stream()
                .allMatch(circle -> circle.publisher().acknowledged() > seconds * PER_SECOND));
    return honest;
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
  }

  Delays delays() {
    return delays;
  }

  /** One member of each room loses its connection, misses messages, and comes back. */
  void comeBack() {
    List<Subscriber> lost = circles.stream().map(circle -> circle.members().getFirst()).toList();
    lost.forEach(Subscriber::drop);
    int[] before = circles.stream().mapToInt(circle -> circle.publisher().acknowledged()).toArray();
    soon()
        .until(() ->
            IntStream.range(0, ROOMS)
                .allMatch(i -> circles.get(i).publisher().acknowledged() > before[i] + 5));
    lost.forEach(member -> member.connect(door));
    for (Subscriber member : lost) {
      member.awaitJoined();
      assertThat(member.resumed()).as("%s came back to where it was", member).isPositive();
    }
  }

  /** Waits until everything has arrived, and says what did not arrive as was promised. */
  void settle() {
    circles.forEach(circle -> circle.publisher().finish());
    soon()
        .until(() ->
            circles.stream()
                .allMatch(circle ->
                    circle.publisher().isDone()
                        && circle.members().stream()
                            .allMatch(each -> each.last() == circle.publisher().offset())));
  }

  void assertNothingIsLost() {
    for (Circle circle : circles) {
      Set<String> published = Set.copyOf(circle.publisher().messages());
      for (Subscriber member : circle.members()) {
        assertThat(member.violations()).as("%s: violations", member).isEmpty();
        assertThat(member.losses()).as("%s: losses", member).isEmpty();
        // What was refused at first comes later, so in no order of the publisher's.
        assertThat(member.messages()).as("%s: messages", member).hasSize(published.size());
        assertThat(Set.copyOf(member.messages()).equals(published)).as("%s", member).isTrue();
      }
    }
    assertThat(delays.conflicts()).isEmpty();
  }

  /** Refusals that those who publish were answered, each of which made them send again. */
  int refusals() {
    return circles.stream().mapToInt(circle -> circle.publisher().refusals().size()).sum();
  }

  /** How many members lost their connection. */
  long disconnected() {
    return circles.stream()
        .flatMap(circle -> circle.members().stream())
        .filter(member -> !member.isConnected())
        .count();
  }

  @Override
  public void close() {
    circles.forEach(circle -> {
      circle.publisher().close();
      circle.members().forEach(Subscriber::close);
    });
  }
}
