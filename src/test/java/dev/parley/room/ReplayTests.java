package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who reads logs holds no more memory than there is for it, and everybody comes to their turn. */
@Timeout(60)
class ReplayTests {
  private static final long LIMIT = 2_000_000;

  private final ManualLane.Time time = new ManualLane.Time();
  private final HeldReadsBroker broker = new HeldReadsBroker();
  private final Budgets budgets = Budgets.ofEach(LIMIT);
  private final Budget budget = budgets.of(BudgetKind.REPLAY);
  private final List<ManualLane> lanes =
      IntStream.range(0, 2)
          .mapToObj(i -> new ManualLane(i, Budget.of(BudgetKind.OUTBOUND, 1L << 40), time))
          .toList();
  private final Rooms rooms = rooms();

  @AfterEach
  void closeBroker() {
    broker.close();
  }

  @Test
  void connectionThatCatchesUpInManyRoomsReadsOnePageAtATime() {
    List<RoomName> names = filled(100, 16, 1_000);
    ManyRoomsMember member = member(1);
    broker.holds = true;
    join(member, names, 16);
    int reads = 0;
    while (broker.inFlight() > 0) {
      assertThat(broker.inFlight()).isEqualTo(1);
      broker.answerOne();
      settle();
      reads++;
    }
    assertThat(reads).isEqualTo(100);
    assertThat(member.seen().values()).hasSize(100).containsOnly(16L);
  }

  @Test
  void roomsOfAConnectionTakeTurns() {
    List<RoomName> names = filled(3, 600, 10);
    ManyRoomsMember member = member(1);
    broker.holds = true;
    join(member, names, 600);
    while (broker.inFlight() > 0) {
      broker.answerOne();
      settle();
    }
    for (int round = 0; round < 3; round++) {
      assertThat(broker.reads.subList(3 * round, 3 * round + 3))
          .containsExactlyInAnyOrder(
              "room0 " + (1 + 256 * round),
              "room1 " + (1 + 256 * round),
              "room2 " + (1 + 256 * round));
    }
    assertThat(member.seen().values()).containsOnly(600L);
  }

  @Test
  void joinWithNothingToReplayDoesNotWaitForOthers() {
    List<RoomName> names = filled(5, 16, 1_000);
    ManyRoomsMember member = member(1);
    broker.holds = true;
    join(member, names, 16);
    join(member, List.of(new RoomName("quiet")), 16);

    assertThat(broker.inFlight()).isEqualTo(1);
    assertThat(member.seen()).containsOnlyKeys("quiet");
  }

  @Test
  void roomThatIsJoinedAnewBehindAFullSocketHoldsUpNoOther() {
    List<RoomName> names = filled(4, 16, 60_000);
    ManyRoomsMember member = member(1);
    member.socket.room = 0;
    join(member, names.subList(0, 2), 16);
    join(member, names.subList(1, 2), 16);
    join(member, names.subList(2, 4), 16);
    for (int i = 0; i < 100; i++) {
      member.lane.on(() -> member.socket.read(100_000));
      settle();
    }
    assertThat(member.seen().values()).hasSize(4).containsOnly(16L);
  }

  @Test
  void whoDoesNotReadKeepsNobodyFromCatchingUp() {
    List<RoomName> names = filled(30, 16, 60_000);
    List<ManyRoomsMember> slow = IntStream.rangeClosed(1, 20).mapToObj(this::member).toList();
    for (ManyRoomsMember member : slow) {
      member.socket.room = 0;
      join(member, names, 16);
    }
    ManyRoomsMember quick = member(100);
    join(quick, names, 16);

    assertThat(quick.seen().values()).hasSize(30).containsOnly(16L);
    assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void pagesOfManySlowReadersStayWithinTheBudgetAndAllComeThrough() {
    List<RoomName> names = filled(12, 16, 60_000);
    List<ManyRoomsMember> members = IntStream.rangeClosed(1, 8).mapToObj(this::member).toList();
    broker.holds = true;
    for (ManyRoomsMember member : members) {
      member.socket.room = 0;
      join(member, names, 16);
      Collections.rotate(names, 1);
    }
    int most = 0;
    boolean all = false;
    while (!all) {
      for (ManyRoomsMember member : members) {
        member.lane.on(() -> member.socket.read(100_000));
        settle();
      }
      while (broker.inFlight() > 0) {
        most = Math.max(most, broker.inFlight());
        assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
        broker.answerOne();
        settle();
      }
      all =
          members.stream()
              .allMatch(member ->
                  member.seen().size() == 12
                      && member.seen().values().stream().allMatch(offset -> offset == 16));
    }
    assertThat(most).as("as many as there is memory for").isBetween(2, 5);
    allIsGivenBack(members);
  }

  @Test
  void whatPassesByWhileMembersCatchUpStaysWithinHalfOfTheBudget() {
    List<RoomName> names = filled(20, 3, 100);
    ManyRoomsMember slow = member(1);
    broker.holds = true;
    join(slow, names, 3);
    for (int i = 0; i < 40; i++) {
      names.forEach(name -> broker.publish(name, 10_000));
      settle();
      assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
    }
    ManyRoomsMember other = member(2);
    join(other, names.subList(0, 5), 3);
    assertThat(broker.inFlight()).as("there is memory to read for both").isEqualTo(2);
    while (broker.inFlight() > 0) {
      broker.answerOne();
      settle();
    }
    assertThat(slow.seen().values()).hasSize(20).containsOnly(43L);
    assertThat(other.seen().values()).hasSize(5).containsOnly(43L);
    allIsGivenBack(List.of(slow, other));
  }

  @Test
  void historyWaitsUntilThereIsMemoryForIt() {
    RoomName name = filled(1, 100, 1_000).getFirst();
    ManyRoomsMember member = member(1);
    List<ServerFrame> answers = new ArrayList<>();
    join(member, List.of(name), 0);
    broker.holds = true;
    for (int i = 0; i < 10; i++) {
      ClientFrame.History request = new ClientFrame.History(null, name, 50, -1, 10);
      member.lane.on(() ->
          assertThat(rooms.history(member, member.membership(name), request, answers::add))
              .isNull());
      settle();
    }
    assertThat(broker.inFlight()).isEqualTo(2);
    while (broker.inFlight() > 0) {
      assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
      broker.answerOne();
      settle();
    }
    assertThat(answers)
        .hasSize(10)
        .allSatisfy(answer -> assertThat(((ServerFrame.History) answer).messages()).hasSize(10));
    assertThat(budget.held()).isZero();
  }

  @Test
  void connectionThatEndsGivesBackWhatItHad() {
    List<RoomName> names = filled(30, 16, 60_000);
    List<ManyRoomsMember> members = IntStream.rangeClosed(1, 10).mapToObj(this::member).toList();
    broker.holds = true;
    members.forEach(member -> join(member, names, 16));
    assertThat(broker.inFlight()).isPositive();
    for (ManyRoomsMember member : members) {
      member.lane.on(() -> member.end(rooms));
    }
    while (broker.inFlight() > 0) {
      broker.answerOne();
      settle();
    }
    allIsGivenBack(members);
  }

  private void allIsGivenBack(List<ManyRoomsMember> members) {
    for (ManyRoomsMember member : members) {
      member.lane.on(() -> member.end(rooms));
    }
    for (int i = 0; i < 3; i++) {
      settle();
      lanes.getFirst().pass(Duration.ofSeconds(10));
    }
    settle();
    assertThat(budget.held()).isZero();
  }

  /** As many rooms, each with so many messages of this length. */
  private List<RoomName> filled(int count, int messages, int length) {
    List<RoomName> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RoomName name = new RoomName("room" + i);
      for (int message = 0; message < messages; message++) {
        broker.publish(name, length);
      }
      names.add(name);
    }
    return names;
  }

  private ManyRoomsMember member(int id) {
    return new ManyRoomsMember(id, lanes.get(id % 2));
  }

  private void join(ManyRoomsMember member, List<RoomName> names, int last) {
    for (RoomName name : names) {
      member.lane.on(() -> member.join(rooms, name, null, last));
    }
    settle();
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

  private Rooms rooms() {
    return TestRooms.of(lanes, broker, budgets);
  }
}
