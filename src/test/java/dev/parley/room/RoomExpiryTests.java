package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A room is open as long as somebody waits for it, and no longer. */
@Timeout(60)
class RoomExpiryTests {
  private static final RoomName ROOM = new RoomName("room");
  private static final RoomName OTHER = new RoomName("other");

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final HeldReadsBroker broker = new HeldReadsBroker();

  /** For one history at a time. */
  private final Rooms rooms = TestRooms.of(List.of(lane), broker, Budgets.ofEach(1_000_000));

  @AfterEach
  void closeBroker() {
    broker.close();
  }

  /** Somebody was here, and is no longer. */
  private void open(RoomName name) {
    ManyRoomsMember member = new ManyRoomsMember(1, lane);
    lane.on(() -> member.join(rooms, name, null, 0));
    lane.on(() -> member.end(rooms));
    broker.publish(name, 10);
    lane.settle();
  }

  private boolean isOpen(RoomName name) {
    CompletableFuture<Boolean> open = rooms.view(name).thenApply(view -> view != null);
    lane.settle();
    return open.join();
  }

  private void passAMinute() {
    for (int i = 0; i < 6; i++) {
      lane.pass(Duration.ofSeconds(10));
    }
  }

  private CompletableFuture<ServerFrame> history(RoomName name, ManyRoomsMember asking) {
    CompletableFuture<ServerFrame> answer =
        rooms.history(asking.identity(), "::1", new ClientFrame.History(null, name, -1, -1, 10));
    lane.settle();
    return answer;
  }

  private void answerAll() {
    while (broker.inFlight() > 0) {
      broker.answerOne();
      lane.settle();
    }
  }

  @Test
  void historyThatWaitsForMemoryKeepsItsRoom() {
    open(ROOM);
    open(OTHER);
    broker.holds = true;
    CompletableFuture<ServerFrame> first = history(OTHER, new ManyRoomsMember(2, lane));
    CompletableFuture<ServerFrame> second = history(ROOM, new ManyRoomsMember(3, lane));
    assertThat(broker.inFlight()).isOne();
    passAMinute();
    assertThat(isOpen(ROOM)).isTrue();

    answerAll();

    assertThat(((ServerFrame.History) first.join()).messages()).hasSize(1);
    assertThat(((ServerFrame.History) second.join()).messages()).hasSize(1);
    passAMinute();
    assertThat(isOpen(ROOM)).isFalse();
    assertThat(isOpen(OTHER)).isFalse();
  }

  @Test
  void userOfWhomTheBrokerIsNotToldThatItLeftKeepsItsRoom() {
    open(ROOM);
    broker.isBusy = true;
    passAMinute();
    assertThat(isOpen(ROOM)).isTrue();
    broker.isBusy = false;
    passAMinute();
    assertThat(isOpen(ROOM)).isFalse();
  }

  @Test
  void positionThatIsLookedUpInTheLogKeepsItsRoom() {
    open(ROOM);
    broker.holds = true;
    ManyRoomsMember member = new ManyRoomsMember(2, lane);
    lane.on(() -> member.join(rooms, ROOM, new Position(Epoch.random(), 7), 0));
    assertThat(broker.inFlight()).isOne();
    passAMinute();

    answerAll();

    assertThat(member.seen()).containsEntry("room", 1L);
    assertThat(isOpen(ROOM)).isTrue();
    lane.on(() -> member.end(rooms));
    passAMinute();
    assertThat(isOpen(ROOM)).isFalse();
  }
}
