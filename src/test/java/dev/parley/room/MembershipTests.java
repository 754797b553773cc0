package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.room.Membership.State;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The log has six messages, and the member's socket takes nothing until it reads. */
class MembershipTests {
  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final ScriptedBroker broker = new ScriptedBroker();
  private final Rooms rooms = TestRooms.of(List.of(lane), broker, Budgets.ofEach(10_000_000));
  private final FakeMember member = new FakeMember(1, lane, 400);

  MembershipTests() {
    broker.publish(6);
    member.socket.room = 0;
  }

  private void join(@Nullable Position since) {
    lane.on(() -> member.join(rooms, since));
  }

  private void leave() {
    lane.on(() -> member.leave(rooms));
  }

  private void readAll() {
    for (int i = 0; i < 20; i++) {
      lane.on(() -> member.socket.read(Long.MAX_VALUE));
    }
  }

  private State state() {
    return member.membership().state();
  }

  private @Nullable ErrorCode history() {
    ClientFrame.History request = new ClientFrame.History(null, FakeMember.ROOM, -1, 0, 10);
    return rooms.history(member, member.membership(), request, answer -> {});
  }

  @Test
  void memberIsJoiningThenCatchingUpThenLive() {
    broker.readsFail = true;
    Position early = new Position(broker.epoch(), 0);
    join(early);
    assertThat(state()).isEqualTo(State.JOINING);
    broker.readsFail = false;
    lane.pass(Duration.ofSeconds(1));
    assertThat(state()).isEqualTo(State.CATCHING_UP);
    readAll();
    assertThat(state()).isEqualTo(State.LIVE);
  }

  @Test
  void memberThatJoinsAgainCatchesUpAndIsInAllTheTime() {
    join(null);
    readAll();
    assertThat(state()).isEqualTo(State.LIVE);
    broker.readsFail = true;
    join(new Position(broker.epoch(), 0));
    assertThat(state()).isEqualTo(State.CATCHING_UP);
    assertThat(history()).isNull();
  }

  @Test
  void memberThatLeavesWhileItCatchesUpHasLeftForGood() {
    join(new Position(broker.epoch(), 0));
    assertThat(state()).isEqualTo(State.CATCHING_UP);
    leave();
    readAll();
    assertThat(state()).isEqualTo(State.LEFT);
  }

  @Test
  void memberThatLeavesBeforeTheRoomIsOpenIsNotLetIn() {
    lane.on(() -> {
      member.join(rooms, null);
      rooms.leave(member.membership(), false);
    });
    readAll();
    assertThat(state()).isEqualTo(State.LEFT);
    assertThat(member.frames()).isEmpty();
    assertThat(member.membership().counted).isFalse();
  }

  @Test
  void onlyWhoHasJoinedCountsAsAMember() {
    broker.readsFail = true;
    join(new Position(broker.epoch(), 0));
    assertThat(history()).isEqualTo(ErrorCode.NOT_JOINED);
    broker.readsFail = false;
    lane.pass(Duration.ofSeconds(1));
    assertThat(history()).isNull();
    readAll();
    leave();
    assertThat(history()).isEqualTo(ErrorCode.NOT_JOINED);
  }
}
