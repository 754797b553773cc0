package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Entry;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.Position;
import dev.parley.protocol.ServerFrame;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** One member, on the room's home lane; the log has six messages. */
class CatchUpTests {
  private static final byte[] PREFIX = MessageFrames.prefix(FakeMember.ROOM);

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final ScriptedBroker broker = new ScriptedBroker();
  private final RoomHome home =
      new RoomHome(
          FakeMember.ROOM, lane, broker.channel(FakeMember.ROOM, HeldReadsBroker.RETENTION, lane));
  private final Cursor cursor = new Cursor();

  /** Takes two frames at a time. */
  private final FakeMember member = new FakeMember(1, lane, 400);

  private final Membership membership = new Membership(member, FakeMember.ROOM);

  CatchUpTests() {
    broker.publish(6);
    cursor.headIs(broker.headNow());
    cursor.moveTo(7);
  }

  /**
   * @param budget for reading and for what passes by meanwhile
   */
  private LaneMembers room(long budget) {
    Budget replay = Budget.of(BudgetKind.REPLAY, budget);
    ReplayMemory memory = new ReplayMemory(replay);
    return new LaneMembers(
        home,
        new Pages(home, cursor, new Deletions(), memory),
        new RoomSize(),
        new RoomFactory.LaneShared(
            lane,
            new RoomMetrics(new SimpleMeterRegistry()).latency(lane),
            new RecentTotal(replay, 1),
            new ReplayTurns()),
        memory,
        broker.incarnation());
  }

  private LaneMembers room() {
    return room(10_000_000);
  }

  /** The cut is at the last message of the log. */
  private Admission since(long offset) {
    return admission(new Position(broker.epoch(), offset), 0, offset, 6);
  }

  private Admission admission(@Nullable Position since, int last, long from, long offset) {
    return new Admission(
        new Joining(null, since, last), broker.epoch(), offset, from, since != null, 1, null);
  }

  private static RoomEvent message(long offset) {
    Entry entry = ScriptedBroker.entries(offset, 1).getFirst();
    return RoomEvent.message(FakeMember.ROOM, PREFIX, offset, entry, true);
  }

  private void readAll() {
    for (int i = 0; i < 20; i++) {
      lane.on(() -> member.socket.read(Long.MAX_VALUE));
    }
  }

  private List<String> sent() {
    return member.frames().stream().map(CatchUpTests::inWords).toList();
  }

  private static String inWords(JsonNode frame) {
    return switch (frame.path("type").asString()) {
      case "joined" ->
          "joined "
              + frame.path("offset").asLong()
              + " replay "
              + frame.path("replay").asLong()
              + (frame.path("recovered").asBoolean(true) ? "" : " not recovered");
      case "gap" -> "gap " + frame.path("from").asLong() + "-" + frame.path("to").asLong();
      case "message" -> frame.path("content").asString();
      case String type -> type + " " + frame.path("offset").asLong();
    };
  }

  @Test
  void memberThatHasMissedNothingIsLiveAtOnce() {
    LaneMembers room = room();
    lane.on(() -> room.join(membership, since(6)));
    lane.on(() -> room.accept(message(7)));
    assertThat(sent()).containsExactly("joined 6 replay 0", "m7");
    assertThat(broker.reads).isZero();
  }

  @Test
  void whatPassesByMeanwhileFollowsTheReplay() {
    LaneMembers room = room();
    lane.on(() -> {
      room.join(membership, since(3));
      room.accept(message(7));
      room.accept(message(8));
    });
    readAll();
    lane.on(() -> room.accept(message(9)));
    assertThat(sent()).containsExactly("joined 6 replay 3", "m4", "m5", "m6", "m7", "m8", "m9");
  }

  @Test
  void whatPassedByAndWasDroppedIsReadFromTheLog() {
    LaneMembers room = room(1);
    lane.on(() -> {
      room.join(membership, since(5));
      broker.publish(2);
      room.accept(message(7));
      room.accept(message(8));
    });
    readAll();
    assertThat(sent())
        .as("who came and went meanwhile is not known: the size makes up for it")
        .containsExactly("joined 6 replay 1", "m6", "m7", "m8", "members 0");
  }

  @Test
  void replayWaitsForAReaderThatIsSlow() {
    LaneMembers room = room();
    member.socket.room = 0;
    lane.on(() -> room.join(membership, since(0)));
    assertThat(member.outbound().backlog()).isBetween(1L, 400L);
    readAll();
    assertThat(sent()).containsExactly("joined 6 replay 6", "m1", "m2", "m3", "m4", "m5", "m6");
  }

  @Test
  void messageThatIsTrimmedDuringTheReplayIsAGap() {
    LaneMembers room = room();
    broker.pageLimit = 2;
    member.socket.room = 0;
    lane.on(() -> room.join(membership, since(0)));
    broker.trimTo(1);
    readAll();
    assertThat(sent()).containsExactly("joined 6 replay 6", "m1", "m2", "gap 3-5", "m6");
  }

  @Test
  void positionThatIsNoLongerKeptIsNotRecovered() {
    LaneMembers room = room();
    broker.trimTo(2);
    lane.on(() -> room.join(membership, since(1)));
    lane.on(() -> room.accept(message(7)));
    assertThat(sent()).containsExactly("joined 6 replay 0 not recovered", "m7");
  }

  @Test
  void whoAsksForTheLastMessagesGetsThoseThatAreLeft() {
    LaneMembers room = room();
    broker.trimTo(2);
    lane.on(() -> room.join(membership, admission(null, 5, 1, 6)));
    readAll();
    assertThat(sent()).containsExactly("joined 6 replay 2", "m5", "m6");
  }

  @Test
  void deletionOfWhatWasReplayedIsToldBehindTheReplay() {
    LaneMembers room = room();
    member.socket.room = 0;
    lane.on(() -> room.join(membership, since(3)));
    lane.on(() -> room.accept(RoomEvent.deletion(FakeMember.ROOM, 4)));
    readAll();
    assertThat(sent()).containsExactly("joined 6 replay 3", "m4", "m5", "m6", "deleted 4");
  }

  @Test
  void joiningAgainDuringTheReplayKeepsTheDeletionsThatAreToBeTold() {
    LaneMembers room = room();
    member.socket.room = 0;
    lane.on(() -> room.join(membership, since(3)));
    lane.on(() -> room.accept(RoomEvent.deletion(FakeMember.ROOM, 4)));
    lane.on(() -> room.join(membership, since(5)));
    readAll();
    assertThat(sent())
        .containsExactly("joined 6 replay 3", "m4", "joined 6 replay 1", "m6", "deleted 4");
  }

  @Test
  void resetEndsTheReplay() {
    LaneMembers room = room();
    broker.readsFail = true;
    lane.on(() -> room.join(membership, since(3)));
    assertThat(sent()).isEmpty();
    lane.on(() ->
        room.accept(
            RoomEvent.reset(
                new ServerFrame.EpochChanged(FakeMember.ROOM, broker.epoch(), 9, false))));
    lane.on(() -> room.accept(message(10)));
    assertThat(sent()).containsExactly("joined 6 replay 0", "epoch 9", "m10");
  }

  @Test
  void memberThatLeavesIsReplayedNothingMore() {
    LaneMembers room = room();
    member.socket.room = 0;
    lane.on(() -> room.join(membership, since(0)));
    lane.on(() -> room.leave(membership));
    readAll();
    assertThat(sent()).containsExactly("joined 6 replay 6", "m1");
  }
}
