package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.RoomName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One user may have as many connections as it likes: others read logs beside it. */
@Timeout(60)
class ReplayShareTests {
  /** Of pages that are being read five fit into it, and one into a user's share. */
  private static final long LIMIT = 2_000_000;

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final HeldReadsBroker broker = new HeldReadsBroker();
  private final Budgets budgets = Budgets.ofEach(LIMIT, 25);
  private final Rooms rooms = TestRooms.of(List.of(lane), broker, budgets);
  private final List<RoomName> names = new ArrayList<>();

  ReplayShareTests() {
    for (int i = 0; i < 10; i++) {
      RoomName name = new RoomName("room" + i);
      for (int message = 0; message < 16; message++) {
        broker.publish(name, 1_000);
      }
      names.add(name);
    }
    broker.holds = true;
  }

  @AfterEach
  void closeBroker() {
    broker.close();
  }

  private ManyRoomsMember join(int user, int room) {
    ManyRoomsMember connection = new ManyRoomsMember(user, lane);
    lane.on(() -> connection.join(rooms, names.get(room), null, 16));
    return connection;
  }

  private void answerAll() {
    while (broker.inFlight() > 0) {
      broker.answerOne();
      lane.settle();
    }
  }

  @Test
  void connectionsOfOneUserReadOnlyAsMuchAtOnceAsItsShare() {
    List<ManyRoomsMember> connections = new ArrayList<>();
    for (int room = 0; room < 9; room++) {
      connections.add(join(1, room));
    }
    assertThat(broker.reads).containsExactly("room0 1");
    connections.add(join(2, 9));
    assertThat(broker.reads).as("others have memory left").containsExactly("room0 1", "room9 1");

    answerAll();

    assertThat(connections)
        .allSatisfy(each -> assertThat(each.seen().values()).containsExactly(16L));
    for (RoomName name : names) {
      lane.on(() -> broker.publish(name, 1_000));
    }
    assertThat(connections)
        .allSatisfy(each -> assertThat(each.seen().values()).containsExactly(17L));
    assertThat(budgets.of(BudgetKind.REPLAY).held()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void pageThatAUserWaitsForWithoutAShareIsReadForAnother() {
    List<ManyRoomsMember> connections = new ArrayList<>();
    for (int room = 0; room < 9; room++) {
      connections.add(join(1, room));
    }
    connections.add(join(2, 8));
    assertThat(broker.reads).containsExactly("room0 1", "room8 1");

    answerAll();

    assertThat(broker.reads).as("none is read twice").hasSize(9).doesNotHaveDuplicates();
    assertThat(connections)
        .allSatisfy(each -> assertThat(each.seen().values()).containsExactly(16L));
  }
}
