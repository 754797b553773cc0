package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Head;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.Epoch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The room has sent nothing yet; the log has five messages unless a test says otherwise. */
class RefillTests {
  private static final Duration RETRY = Duration.ofMillis(300);

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final ScriptedBroker broker = new ScriptedBroker();
  private final RoomHome home =
      new RoomHome(
          FakeMember.ROOM, lane, broker.channel(FakeMember.ROOM, HeldReadsBroker.RETENTION, lane));
  private final Budget bus = Budget.of(BudgetKind.BUS, 1_000_000);
  private final Cursor cursor = new Cursor();
  private final RecordedEvents members = new RecordedEvents();
  private int done;
  private final Refill refill =
      new Refill(
          home,
          cursor,
          new OrderedMessages(home.name(), cursor, new Deletions(), members, offset -> {}),
          members::isBehind,
          () -> done++,
          bus,
          new RoomMetrics(new SimpleMeterRegistry()));

  RefillTests() {
    cursor.headIs(broker.headNow());
    cursor.moveTo(1);
    broker.publish(5);
  }

  /** Messages 4 and 5 come over the bus, and nothing before them has. */
  private void receiveFourAndFive() {
    refill.hold(4, ScriptedBroker.entries(4, 2));
    refill.through(3);
  }

  private void assertAllSentOnce() {
    assertThat(members.told)
        .containsExactly("message 1", "message 2", "message 3", "message 4", "message 5");
    assertThat(refill.isRunning()).isFalse();
    assertThat(done).isEqualTo(1);
  }

  @Test
  void holeIsReadFromTheLogBeforeWhatCameBehindIt() {
    broker.pageLimit = 3;
    lane.on(this::receiveFourAndFive);
    assertAllSentOnce();
    assertThat(broker.reads).as("what is held is not read again").isEqualTo(1);
    assertThat(bus.held()).isZero();
  }

  @Test
  void whatIsHeldIsNotSentTwiceIfTheLogHasItToo() {
    lane.on(this::receiveFourAndFive);
    assertAllSentOnce();
  }

  @Test
  void whatTheLogHasLostIsAGapThatEndsAtTheNextHeldMessage() {
    broker.trimTo(0);
    lane.on(() -> {
      receiveFourAndFive();
      refill.through(7);
    });
    assertThat(members.told).containsExactly("gap to 3", "message 4", "message 5", "gap to 7");
  }

  @Test
  void headThatTheLogDoesNotReachIsAGap() {
    lane.on(() -> refill.through(7));
    assertThat(members.told).hasSize(6).endsWith("message 5", "gap to 7");
    assertThat(cursor.next()).isEqualTo(8);
  }

  @Test
  void whatFindsNoMemoryIsReadFromTheLog() {
    bus.add(1_000_000);
    broker.pageLimit = 3;
    lane.on(this::receiveFourAndFive);
    assertAllSentOnce();
    assertThat(broker.reads).isEqualTo(2);
    assertThat(bus.held()).isEqualTo(1_000_000);
  }

  @Test
  void readThatFailsIsRepeated() {
    broker.readsFail = true;
    lane.on(this::receiveFourAndFive);
    lane.pass(RETRY);
    assertThat(members.told).isEmpty();
    assertThat(refill.isRunning()).isTrue();
    broker.readsFail = false;
    lane.pass(RETRY);
    assertAllSentOnce();
  }

  @Test
  void nothingIsReadWhileALaneIsBehind() {
    members.behind = true;
    lane.on(this::receiveFourAndFive);
    lane.pass(RETRY);
    assertThat(broker.reads).isZero();
    members.behind = false;
    lane.pass(RETRY);
    assertAllSentOnce();
  }

  @Test
  void pageOfAnotherEpochIsNotSentBeforeTheRoomHasHeardOfTheEpoch() {
    Head known = broker.headNow();
    cursor.headIs(new Head(Epoch.random(), 0, List.of(), 0, 0, false, List.of()));
    lane.on(this::receiveFourAndFive);
    assertThat(members.told).isEmpty();
    cursor.headIs(known);
    lane.pass(RETRY);
    assertAllSentOnce();
  }

  @Test
  void stopDropsWhatIsHeldAndWhatIsBeingRead() {
    lane.on(() -> {
      receiveFourAndFive();
      refill.stop();
    });
    lane.pass(RETRY);
    assertThat(members.told).isEmpty();
    assertThat(refill.isRunning()).isFalse();
    assertThat(bus.held()).isZero();
  }
}
