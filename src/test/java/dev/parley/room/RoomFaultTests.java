package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Broker;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fault with one member, or in what one waits for, costs the others nothing. */
@Timeout(60)
class RoomFaultTests {
  private static final RoomName ROOM = new RoomName("r");

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final HeldReadsBroker broker = new HeldReadsBroker();
  private final FaultyMember faulty = new FaultyMember(new ManyRoomsMember(1, lane));
  private final ManyRoomsMember other = new ManyRoomsMember(2, lane);

  @AfterEach
  void closeBroker() {
    broker.close();
  }

  private Rooms rooms(Broker on) {
    return TestRooms.of(List.of(lane), on, Budgets.ofEach(1_000_000_000));
  }

  private static void join(Rooms rooms, Participant participant, Joining joining) {
    assertThat(rooms.join(new Membership(participant, ROOM), joining)).isNull();
  }

  @Test
  void whoWaitsForTheRoomToBeOpenedIsLetInBehindOneThatFails() {
    Rooms rooms = rooms(broker);
    faulty.hasNoName = true;
    lane.on(() -> {
      join(rooms, faulty, new Joining(null, null, 0));
      other.join(rooms, ROOM, null, 0);
    });
    assertThat(other.seen()).containsOnlyKeys("r");
  }

  @Test
  void whoWaitsForTheRoomToCatchUpIsLetInBehindOneThatFails() {
    ScriptedBroker scripted = new ScriptedBroker();
    Rooms rooms = rooms(scripted);
    lane.on(() -> new ManyRoomsMember(3, lane).join(rooms, ROOM, null, 0));
    scripted.busIsCut = true;
    scripted.publish(5);
    faulty.hasNoName = true;
    Position ahead = new Position(scripted.epoch(), 5);
    lane.on(() -> {
      join(rooms, faulty, new Joining(null, ahead, 0));
      other.join(rooms, ROOM, ahead, 0);
    });
    assertThat(other.seen()).containsEntry("r", 5L);
  }

  @Test
  void whoWaitsForAPageHasItBehindOneThatFails() {
    Rooms rooms = rooms(broker);
    broker.publish(ROOM, 10);
    lane.on(() -> new ManyRoomsMember(3, lane).join(rooms, ROOM, null, 0));
    broker.holds = true;
    faulty.cannotJoin = true;
    lane.on(() -> {
      join(rooms, faulty, new Joining(null, null, 1));
      other.join(rooms, ROOM, null, 1);
    });
    assertThat(broker.inFlight()).isOne();
    broker.answerOne();
    lane.settle();
    assertThat(other.seen()).containsEntry("r", 1L);
  }

  @Test
  void membersHearWhatAnotherCannotBeTold() {
    ManyRoomsMember third = new ManyRoomsMember(3, lane);
    Rooms rooms = rooms(broker);
    broker.publish(ROOM, 10);
    lane.on(() -> {
      third.join(rooms, ROOM, null, 0);
      join(rooms, faulty, new Joining(null, null, 0));
      other.join(rooms, ROOM, null, 0);
    });
    faulty.hasNoAudience = true;
    lane.on(() -> broker.publish(ROOM, 10));
    assertThat(third.seen()).containsEntry("r", 2L);
    assertThat(other.seen()).containsEntry("r", 2L);
  }

  @Test
  void roomIsClosedForTheOthersIfOneFails() {
    CompletableFuture<Integer> gone = new CompletableFuture<>();
    Rooms rooms = rooms(broker);
    faulty.cannotLeave = true;
    lane.on(() -> {
      join(rooms, new FaultyMember(other), new Joining(null, null, 0));
      join(rooms, faulty, new Joining(null, null, 0));
      join(rooms, new FaultyMember(new ManyRoomsMember(3, lane)), new Joining(null, null, 0));
    });
    var _ = rooms.closeRoom(ROOM).thenAccept(gone::complete);
    lane.settle();
    assertThat(gone).isCompletedWithValue(2);
  }
}
