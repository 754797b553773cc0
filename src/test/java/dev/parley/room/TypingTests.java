package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Typing;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Who types, on a lane of the test's own. */
class TypingTests {
  private static final UserId CAT = new UserId("cat");

  private final ScriptedBroker broker = new ScriptedBroker();
  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1_000_000_000));
  private final Rooms rooms = TestRooms.of(List.of(lane), broker, Budgets.ofEach(1_000_000_000));
  private final FakeMember ann = new FakeMember(1, lane, 1_000_000);
  private final FakeMember ben = new FakeMember(2, lane, 1_000_000);

  @BeforeEach
  void join() {
    lane.on(() -> ann.join(rooms, null));
    lane.on(() -> ben.join(rooms, null));
  }

  private void type(FakeMember member, boolean active) {
    ClientFrame.Typing typing = new ClientFrame.Typing(null, FakeMember.ROOM, active);
    lane.on(() -> assertThat(rooms.typing(member, member.membership(), typing)).isNull());
  }

  private void types(long instance, boolean active) {
    lane.on(() -> broker.typing(new Typing(instance, 1, CAT, "Cat", active)));
  }

  private void pass(long millis) {
    lane.pass(Duration.ofMillis(millis));
  }

  private static List<Boolean> heard(FakeMember member) {
    return member.frames().stream()
        .filter(frame -> frame.path("type").asString().equals("typing"))
        .map((JsonNode frame) -> frame.path("active").asBoolean())
        .toList();
  }

  @Test
  void whateverTheClientSendsTheRoomIsToldOnceInTwoSeconds() {
    for (int i = 0; i < 50; i++) {
      type(ann, true);
      type(ann, false);
    }
    assertThat(heard(ben)).containsExactly(true);
    pass(1_999);
    assertThat(heard(ben)).containsExactly(true);
    pass(1);
    assertThat(heard(ben)).containsExactly(true, false);
    type(ann, true);
    pass(1_999);
    assertThat(heard(ben)).containsExactly(true, false);
    pass(1);
    assertThat(heard(ben)).containsExactly(true, false, true);
    assertThat(heard(ann)).isEmpty();
  }

  @Test
  void whoCeasesAndBeginsAgainIsToldAgain() {
    type(ann, true);
    type(ann, false);
    type(ann, true);
    pass(2_000);
    assertThat(heard(ben)).containsExactly(true, true);
  }

  @Test
  void whoBeginsAgainTypesForTheWholeTime() {
    type(ann, true);
    pass(2_000);
    type(ann, false);
    pass(2_000);
    type(ann, true);
    assertThat(heard(ben)).containsExactly(true, false, true);
    pass(5_999);
    assertThat(heard(ben)).hasSize(3);
    pass(1);
    assertThat(heard(ben)).containsExactly(true, false, true, false);
  }

  @Test
  void userWhoBeginsAgainOnAnotherInstanceTypesForTheWholeTime() {
    types(100, true);
    pass(2_000);
    types(100, false);
    pass(1_000);
    types(100, true);
    pass(1_000);
    assertThat(heard(ben)).containsExactly(true, false, true);
    pass(6_999);
    assertThat(heard(ben)).hasSize(3);
    pass(1);
    assertThat(heard(ben)).containsExactly(true, false, true, false);
  }

  @Test
  void userWithTwoConnectionsIsOne() {
    FakeMember tab = new FakeMember(3, "u1", lane, 1_000_000);
    lane.on(() -> tab.join(rooms, null));
    type(ann, true);
    pass(2_000);
    type(tab, true);
    pass(2_000);
    type(ann, false);
    pass(2_000);
    assertThat(heard(ben)).containsExactly(true, true);
    type(tab, false);
    pass(2_000);
    assertThat(heard(ben)).containsExactly(true, true, false);
  }

  @Test
  void whoLeavesHasCeased() {
    type(ann, true);
    pass(2_000);
    lane.on(() -> ann.leave(rooms));
    assertThat(heard(ben)).containsExactly(true, false);
  }

  @Test
  void userOnTwoInstancesIsToldOnceInTwoSeconds() {
    types(100, true);
    types(200, true);
    types(100, false);
    pass(2_000);
    assertThat(heard(ben)).as("still typing on the other").containsExactly(true, true);
    types(200, false);
    types(100, true);
    types(100, false);
    assertThat(heard(ben)).hasSize(2);
    pass(2_000);
    assertThat(heard(ben)).containsExactly(true, true, false);
    pass(10_000);
    assertThat(heard(ben)).hasSize(3);
  }

  @Test
  void userOfAnInstanceThatDiedIsForgotten() {
    types(100, true);
    pass(4_000);
    types(100, true);
    pass(4_000);
    assertThat(heard(ben)).as("said again in time").containsExactly(true, true);
    pass(3_999);
    assertThat(heard(ben)).containsExactly(true, true);
    pass(1);
    assertThat(heard(ben)).containsExactly(true, true, false);
  }

  @Test
  void othersAreToldAgainWhileItGoesOn() {
    type(ann, true);
    int told = broker.typings;
    type(ann, true);
    assertThat(broker.typings).isEqualTo(told);
    pass(3_000);
    type(ann, true);
    assertThat(broker.typings).isEqualTo(told + 1);
    assertThat(heard(ben)).containsExactly(true, true);
  }
}
