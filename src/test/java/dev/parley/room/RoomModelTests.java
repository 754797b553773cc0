package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.Lanes;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import dev.parley.room.ScriptedBroker.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Rooms on lanes that the test turns, over a broker that fails as the test wants, and whose bus
 * loses, delays and doubles what it carries.
 */
class RoomModelTests {
  private final ManualLane.Time time = new ManualLane.Time();
  private final Budget total = Budget.of(BudgetKind.OUTBOUND, Long.MAX_VALUE);
  private final ScriptedBroker broker = new ScriptedBroker();
  private Budgets budgets = Budgets.ofEach(10_000_000);
  private List<ManualLane> lanes = List.of();

  /**
   * Whatever happens in whatever order: everybody sees every message once and in order, or is told
   * which are missing, and nobody is left with one that was deleted.
   */
  @RepeatedTest(200)
  void everyInterleavingKeepsThePromises(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    if (random.nextBoolean()) {
      // One page at a time for all, and nothing of what passes by is kept or waits for a lane.
      budgets = Budgets.ofEach(random.nextBoolean() ? 1 : 20_000);
    }
    Rooms rooms = rooms(1 + random.nextInt(3));
    broker.pageLimit = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(20);
    List<FakeMember> members = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      members.add(new FakeMember(i, lanes.get(random.nextInt(lanes.size())), 2_000));
    }
    if (random.nextInt(3) > 0) {
      broker.fate = () -> fate(random);
    }
    broker.publish(random.nextInt(600));
    for (int step = 0; step < 400; step++) {
      act(random, rooms, members.get(random.nextInt(members.size())));
      for (int turns = random.nextInt(4); turns > 0; turns--) {
        lanes.get(random.nextInt(lanes.size())).step();
      }
    }
    broker.readsFail = false;
    broker.fate = () -> Fate.ARRIVES;
    broker.mend();
    // Under the small budget a page of the log, be it of one message, is read in each.
    for (int round = 0; round < 700; round++) {
      settle();
      members.forEach(each -> each.lane.on(() -> each.socket.read(Long.MAX_VALUE)));
      lanes.getFirst().pass(Duration.ofSeconds(1));
    }
    settle();
    for (FakeMember member : members) {
      long position = member.follow();
      assertThat(position).isEqualTo(member.in ? broker.head() : -1);
      if (member.in) {
        assertThat(member.shown).doesNotContainAnyElementsOf(broker.deleted());
      }
    }
    assertThat(budgets.of(BudgetKind.BUS).held()).isZero();
    members.forEach(each -> each.lane.on(() -> each.leave(rooms)));
    for (int i = 0; i < 3; i++) {
      settle();
      lanes.getFirst().pass(Duration.ofSeconds(10));
    }
    assertThat(budgets.of(BudgetKind.REPLAY).held()).isZero();
  }

  private void act(Random random, Rooms rooms, FakeMember member) {
    int choice = random.nextInt(100);
    if (random.nextInt(10) == 0) {
      broker.arrive(random);
    }
    if (choice < 5) {
      broker.delete(broker.head() - random.nextInt(random.nextBoolean() ? 5 : 400));
    } else if (choice < 40) {
      broker.publish(1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 5));
    } else if (choice < 52) {
      Position since = since(random);
      member.lane.enter(() -> member.join(rooms, since));
    } else if (choice < 58) {
      member.lane.enter(() -> member.leave(rooms));
    } else if (choice < 78) {
      long bytes = random.nextInt(3) == 0 ? Long.MAX_VALUE : random.nextInt(3_000);
      member.lane.enter(() -> member.socket.read(bytes));
    } else if (choice < 84) {
      broker.trimTo(random.nextInt(400));
    } else if (choice < 88) {
      broker.busIsCut = true;
    } else if (choice < 92) {
      broker.mend();
    } else if (choice < 96) {
      broker.readsFail = !broker.readsFail && random.nextInt(3) == 0;
    } else {
      lanes.get(random.nextInt(lanes.size())).pass(Duration.ofMillis(300));
    }
  }

  private static Fate fate(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> Fate.IS_LOST;
      case 1, 2 -> Fate.IS_LATE;
      case 3 -> Fate.IS_DOUBLED;
      default -> Fate.ARRIVES;
    };
  }

  private @Nullable Position since(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> null;
      case 1 -> new Position(broker.epoch(), broker.head() + random.nextInt(3));
      default -> new Position(broker.epoch(), Math.max(0, broker.head() - random.nextInt(600)));
    };
  }

  /** A lane that has no turns is told as much as the budget allows; the rest waits in the log. */
  @Test
  void laneThatStandsStillHoldsABoundedNumberOfBytesAndMissesNothing() {
    budgets = Budgets.ofEach(200_000);
    Rooms rooms = rooms(2);
    ManualLane home = lanes.getFirst();
    ManualLane other = lanes.getLast();
    if (new Lanes(lanes).home(FakeMember.ROOM).equals(other)) {
      other = home;
      home = lanes.getLast();
    }
    FakeMember near = new FakeMember(1, home, 1_000_000_000);
    FakeMember far = new FakeMember(2, other, 1_000_000_000);
    near.lane.enter(() -> near.join(rooms, null));
    far.lane.enter(() -> far.join(rooms, null));
    settle();
    for (int i = 0; i < 200; i++) {
      broker.publish(100);
      home.settle();
      assertThat(budgets.of(BudgetKind.BUS).held()).isLessThan(250_000);
    }
    for (int i = 0; i < 400; i++) {
      settle();
      home.pass(Duration.ofMillis(250));
    }
    settle();

    assertThat(far.follow()).isEqualTo(20_000);
    assertThat(near.follow()).isEqualTo(20_000);
    assertThat(budgets.of(BudgetKind.BUS).held()).isZero();
  }

  @Test
  void aThousandReturningMembersShareThePages() {
    Rooms rooms = rooms(3);
    broker.publish(2_560);
    Random random = new Random(1);
    List<FakeMember> members = new ArrayList<>();
    for (int i = 1; i <= 1_000; i++) {
      FakeMember member = new FakeMember(i, lanes.get(i % 3), 1_000_000);
      Position since = new Position(broker.epoch(), random.nextInt(2_560));
      member.lane.enter(() -> member.join(rooms, since));
      members.add(member);
    }
    settle();
    members.forEach(member -> assertThat(member.follow()).isEqualTo(2_560));
    assertThat(broker.reads).isEqualTo(10);
  }

  /** Its epoch was continued by another one before it: no log can bring that back. */
  @Test
  void positionThatTheHeadRulesOutIsJudgedWithoutTheLog() {
    Rooms rooms = rooms(1);
    ManualLane lane = lanes.getFirst();
    Epoch past = Epoch.random();
    broker.lineage = List.of(new Position(past, 5));
    broker.publish(10);
    FakeMember first = new FakeMember(1, lane, 1_000_000);
    lane.on(() -> first.join(rooms, null));
    FakeMember returning = new FakeMember(2, lane, 1_000_000);
    lane.on(() -> returning.join(rooms, new Position(past, 6)));

    assertThat(returning.frames())
        .anyMatch(frame ->
            frame.path("type").asString().equals("joined")
                && !frame.path("recovered").asBoolean(true));
    assertThat(broker.reads).isZero();
  }

  /** What is read after it came contains all that it can have seen. */
  @Test
  void whoOpensTheRoomIsJudgedByItsHeadAlone() {
    Rooms rooms = rooms(1);
    ManualLane lane = lanes.getFirst();
    broker.publish(10);
    FakeMember returning = new FakeMember(1, lane, 1_000_000);
    lane.on(() -> returning.join(rooms, new Position(Epoch.random(), 6)));

    assertThat(returning.follow()).isEqualTo(10);
    assertThat(broker.reads).isZero();
  }

  @Test
  void whereTheLogCannotBeReadNobodyIsLeftInWithAHole() {
    Rooms rooms = rooms(1);
    ManualLane lane = lanes.getFirst();
    FakeMember known = new FakeMember(1, lane, 1_000_000);
    FakeMember stranger = new FakeMember(2, lane, 1_000_000);
    broker.publish(10);
    lane.on(() -> known.join(rooms, null));
    broker.readsFail = true;
    Position early = new Position(broker.epoch(), 5);
    lane.on(() -> known.join(rooms, early));
    lane.on(() -> stranger.join(rooms, early));
    broker.publish(1);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          lane.pass(Duration.ofSeconds(1));
          return known.lost && !stranger.in;
        });
    assertThat(stranger.frames())
        .anyMatch(frame -> frame.path("code").asString("").equals("broker_unavailable"));
  }

  @Test
  void whoSaysNothingForSixSecondsHasCeasedToType() {
    Rooms rooms = rooms(1);
    ManualLane lane = lanes.getFirst();
    FakeMember ann = new FakeMember(1, lane, 1_000_000);
    FakeMember ben = new FakeMember(2, lane, 1_000_000);
    lane.on(() -> ann.join(rooms, null));
    lane.on(() -> ben.join(rooms, null));
    ClientFrame.Typing typing = new ClientFrame.Typing(null, FakeMember.ROOM, true);
    lane.on(() -> rooms.typing(ann, ann.membership(), typing));
    lane.pass(Duration.ofSeconds(4));
    lane.on(() -> rooms.typing(ann, ann.membership(), typing));
    lane.pass(Duration.ofSeconds(5));
    assertThat(typing(ben)).as("said again in time").containsExactly(true, true);
    lane.pass(Duration.ofSeconds(1));
    assertThat(typing(ben)).containsExactly(true, true, false);
    assertThat(typing(ann)).isEmpty();
    lane.pass(Duration.ofSeconds(10));
    assertThat(typing(ben)).hasSize(3);
  }

  private static List<Boolean> typing(FakeMember member) {
    return member.frames().stream()
        .filter(frame -> frame.path("type").asString().equals("typing"))
        .map((JsonNode frame) -> frame.path("active").asBoolean())
        .toList();
  }

  private void settle() {
    boolean busy = true;
    while (busy) {
      busy = false;
      for (ManualLane lane : lanes) {
        busy |= lane.step();
      }
    }
  }

  private Rooms rooms(int count) {
    lanes = IntStream.range(0, count).mapToObj(i -> new ManualLane(i, total, time)).toList();
    return TestRooms.of(lanes, broker, budgets);
  }
}
