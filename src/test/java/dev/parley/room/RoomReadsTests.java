package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.access.AccessProperties;
import dev.parley.access.PolicyProperties;
import dev.parley.access.RoomPattern;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Read marks on a lane of the test's own, with a window of 200 ms. */
class RoomReadsTests {
  private static final Duration WINDOW = Duration.ofMillis(200);

  private final ScriptedBroker broker = new ScriptedBroker();
  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1_000_000_000));
  private final Rooms rooms = TestRooms.of(List.of(lane), broker, Budgets.ofEach(1_000_000_000));
  private final FakeMember ann = new FakeMember(1, lane, 1_000_000);

  @BeforeEach
  void fill() {
    broker.publish(100);
  }

  private static ReadMark mark(int user, long offset) {
    return new ReadMark(new UserId("u" + user), offset);
  }

  private void join(FakeMember member) {
    lane.on(() -> member.join(rooms, null));
  }

  private void read(FakeMember member, long offset) {
    ClientFrame.Read read = new ClientFrame.Read(null, FakeMember.ROOM, offset);
    lane.on(() -> assertThat(rooms.receipts().read(member, member.membership(), read)).isNull());
  }

  private static List<JsonNode> reads(FakeMember member) {
    return member.frames().stream()
        .filter(frame -> frame.path("type").asString().equals("read"))
        .map(frame -> frame.path("reads"))
        .toList();
  }

  private static JsonNode joined(FakeMember member) {
    return member.frames().stream()
        .filter(frame -> frame.path("type").asString().equals("joined"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void joinedHasTheOwnMarkFirstThenTheNewestAndWhatIsUnread() {
    broker.marks.put(new UserId("u1"), 3L);
    IntStream.rangeClosed(2, 71).forEach(i -> broker.marks.put(new UserId("u" + i), i + 10L));
    join(ann);

    JsonNode joined = joined(ann);
    assertThat(joined.path("unread").asLong()).isEqualTo(97);
    List<String> users = List.copyOf(joined.path("reads").propertyNames());
    assertThat(users).hasSize(51).startsWith("u1", "u71", "u70").endsWith("u22");
    assertThat(joined.path("reads").path("u71").asLong()).isEqualTo(81);
  }

  @Test
  void whoHasNoMarkHasReadNothing() {
    join(ann);
    assertThat(joined(ann).path("reads").isEmpty()).isTrue();
    assertThat(joined(ann).path("unread").asLong()).isEqualTo(100);
  }

  @Test
  void marksOfManyWhoJoinAreAskedTogether() {
    lane.on(() -> {
      for (int i = 1; i <= 5; i++) {
        new FakeMember(i, lane, 1_000_000).join(rooms, null);
      }
    });
    assertThat(broker.markReads.stream().map(List::size)).containsExactly(1, 4);
  }

  @Test
  void whoJoinsWhileTheBrokerSaysNothingOfMarksIsInAfterASecond() {
    broker.marksAreSilent = true;
    join(ann);
    assertThat(ann.membership().isJoined()).isFalse();
    lane.pass(Duration.ofSeconds(1));

    assertThat(ann.membership().isJoined()).isTrue();
    assertThat(joined(ann).has("reads")).isFalse();
    assertThat(joined(ann).has("unread")).isFalse();
    FakeMember ben = new FakeMember(2, lane, 1_000_000);
    join(ben);
    assertThat(ben.membership().isJoined()).as("at once by now").isTrue();
  }

  @Test
  void usersWhoJoinTogetherAreNoMoreThanTheRoomMayHave() {
    PolicyProperties two =
        new PolicyProperties(
            new RoomPattern("*"),
            AccessProperties.Allow.ANONYMOUS,
            false,
            null,
            2,
            PolicyProperties.Presence.EVENTS,
            null,
            true);
    Rooms small = TestRooms.of(List.of(lane), broker, Budgets.ofEach(1_000_000_000), two);
    List<FakeMember> users =
        IntStream.rangeClosed(1, 5).mapToObj(i -> new FakeMember(i, lane, 1_000_000)).toList();
    lane.on(() -> users.forEach(user -> user.join(small, null)));

    assertThat(users).filteredOn(user -> user.membership().isJoined()).hasSize(2);
    FakeMember tab = new FakeMember(6, "u1", lane, 1_000_000);
    lane.on(() -> tab.join(small, null));
    assertThat(tab.membership().isJoined()).isTrue();
  }

  @Test
  void positionPastTheHeadIsNotMadeGoodWhileMarksAreAwaited() {
    broker.marksAreSilent = true;
    FakeMember ben = new FakeMember(2, lane, 1_000_000);
    join(ben);
    lane.on(() -> ann.join(rooms, new Position(broker.epoch(), 101)));
    broker.publish(5);
    lane.pass(Duration.ofSeconds(1));
    assertThat(joined(ann).path("recovered").asBoolean(true)).isFalse();
  }

  @Test
  void firstMarkIsWrittenAtOnceAndTheRestOfTheWindowTogether() {
    FakeMember ben = new FakeMember(2, lane, 1_000_000);
    join(ann);
    join(ben);
    read(ann, 5);
    assertThat(broker.markWrites).containsExactly(List.of(mark(1, 5)));
    read(ann, 9);
    read(ann, 7);
    read(ben, 4);
    assertThat(broker.markWrites).hasSize(1);
    lane.pass(WINDOW);

    assertThat(broker.markWrites).hasSize(2);
    assertThat(broker.markWrites.getLast()).containsExactlyInAnyOrder(mark(1, 9), mark(2, 4));
    lane.pass(WINDOW);
    assertThat(broker.markWrites).as("nothing more to say").hasSize(2);
  }

  @Test
  void marksThatTheBrokerDidNotTakeAreWrittenAgain() {
    join(ann);
    broker.marksAreHeld = true;
    read(ann, 5);
    read(ann, 6);
    lane.on(() -> broker.answerMarks(false));
    lane.pass(WINDOW);
    lane.pass(Duration.ofSeconds(1));
    assertThat(broker.markWrites).containsExactly(List.of(mark(1, 5)), List.of(mark(1, 6)));
  }

  @Test
  void marksThatMoveTogetherAreOneFrameOfTheNewestFifty() {
    join(ann);
    lane.on(() -> {
      for (int i = 1; i <= 60; i++) {
        broker.moved(mark(i, i));
      }
      broker.moved(mark(60, 100), mark(59, 30));
    });
    assertThat(reads(ann)).isEmpty();
    lane.pass(WINDOW);

    assertThat(reads(ann)).hasSize(1);
    JsonNode frame = reads(ann).getFirst();
    assertThat(List.copyOf(frame.propertyNames()))
        .hasSize(50)
        .startsWith("u60", "u59", "u58")
        .endsWith("u11");
    assertThat(frame.path("u60").asLong()).isEqualTo(100);
    assertThat(frame.path("u59").asLong()).isEqualTo(59);
    lane.on(() -> broker.moved(mark(3, 99)));
    lane.pass(WINDOW);
    assertThat(reads(ann)).hasSize(2);
  }

  @Test
  void marksAreToldAgainWhenTheBusWasInterrupted() {
    join(ann);
    read(ann, 1);
    broker.busIsCut = true;
    broker.marks.put(new UserId("u7"), 70L);
    lane.on(broker::mend);
    lane.pass(WINDOW);
    assertThat(reads(ann)).hasSize(1);
    assertThat(reads(ann).getFirst().path("u7").asLong()).isEqualTo(70);
  }

  @Test
  void marksOfAnEpochThatWasLostAreNeitherToldNorWrittenAgain() {
    join(ann);
    broker.marksAreHeld = true;
    read(ann, 5);
    read(ann, 6);
    lane.on(() -> broker.moved(mark(2, 50)));
    broker.loseAll();
    lane.on(broker::mend);
    lane.on(() -> broker.answerMarks(false));
    lane.pass(WINDOW);
    lane.pass(Duration.ofSeconds(1));

    assertThat(reads(ann)).isEmpty();
    assertThat(broker.markWrites).containsExactly(List.of(mark(1, 5)));
    read(ann, 1);
    assertThat(broker.markWrites).last().isEqualTo(List.of(mark(1, 1)));
  }

  @Test
  void whoIsNotInTheRoomCannotMoveAMark() {
    join(ann);
    FakeMember ben = new FakeMember(2, lane, 1_000_000);
    ClientFrame.Read read = new ClientFrame.Read(null, FakeMember.ROOM, 1);
    lane.on(() ->
        assertThat(rooms.receipts().read(ben, ben.membership(), read))
            .isEqualTo(ErrorCode.NOT_JOINED));
    assertThat(broker.markWrites).isEmpty();
  }
}
