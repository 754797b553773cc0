package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.RoomChannel;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The log has a hundred messages unless a test says otherwise. */
class HistoryReaderTests {
  private static final JsonMapper JSON = new JsonMapper();

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final ScriptedBroker broker = new ScriptedBroker();
  private final RoomChannel channel =
      broker.channel(FakeMember.ROOM, HeldReadsBroker.RETENTION, lane);
  private final Set<Long> deleted = new HashSet<>();

  HistoryReaderTests() {
    broker.publish(100);
  }

  private ServerFrame answer(RoomChannel from, long before, long after, int limit) {
    List<ServerFrame> answers = new ArrayList<>();
    ClientFrame.History request =
        new ClientFrame.History("h", FakeMember.ROOM, before, after, limit);
    lane.on(() -> new HistoryReader(request, from, deleted::contains, answers::add).read());
    assertThat(answers).hasSize(1);
    return answers.getFirst();
  }

  private void assertNewest(int limit, boolean more, Long... offsets) {
    assertHistory(answer(channel, 0, -1, limit), more, offsets);
  }

  private void assertBefore(long before, int limit, boolean more, Long... offsets) {
    assertHistory(answer(channel, before, -1, limit), more, offsets);
  }

  private void assertAfter(long after, int limit, boolean more, Long... offsets) {
    assertHistory(answer(channel, 0, after, limit), more, offsets);
  }

  private static void assertHistory(ServerFrame answer, boolean more, Long... offsets) {
    ServerFrame.History history = (ServerFrame.History) answer;
    assertThat(history.messages())
        .extracting(message ->
            JSON.readTree(new String(message, StandardCharsets.UTF_8)).path("offset").asLong())
        .containsExactly(offsets);
    assertThat(history.more()).isEqualTo(more);
    assertThat(history.ref()).isEqualTo("h");
  }

  @Test
  void withoutAPositionTheNewestAreAnsweredInAscendingOrder() {
    assertNewest(3, true, 98L, 99L, 100L);
  }

  @Test
  void pagesBackwardsLeaveNothingOut() {
    assertBefore(98, 3, true, 95L, 96L, 97L);
    assertBefore(4, 3, false, 1L, 2L, 3L);
  }

  @Test
  void pagesForwardsLeaveNothingOut() {
    assertAfter(0, 3, true, 1L, 2L, 3L);
    assertAfter(97, 3, false, 98L, 99L, 100L);
    assertAfter(100, 3, false);
  }

  @Test
  void pageEndsWhereTheLogNowBegins() {
    broker.trimTo(2);
    assertNewest(10, false, 99L, 100L);
    assertBefore(100, 10, false, 99L);
    assertBefore(50, 10, false);
    assertAfter(0, 1, true, 99L);
  }

  @Test
  void pagesOfTheLogThatAreShorterThanWantedArePutTogether() {
    broker.pageLimit = 2;
    assertBefore(51, 5, true, 46L, 47L, 48L, 49L, 50L);
  }

  @Test
  void deletedMessagesAreReplacedByThoseBehindThem() {
    broker.delete(99);
    broker.delete(98);
    assertNewest(3, true, 96L, 97L, 100L);
    assertAfter(96, 2, false, 97L, 100L);
  }

  @Test
  void thousandsOfDeletedMessagesTakeNoFurtherReads() {
    broker.publish(5_000);
    for (long offset = 51; offset <= 5_000; offset++) {
      broker.delete(offset);
    }
    int before = broker.reads;
    assertBefore(5_002, 2, true, 50L, 5_001L);
    assertAfter(49, 2, true, 50L, 5_001L);
    assertThat(broker.reads - before).isEqualTo(2);
  }

  @Test
  void messageThatIsDeletedWhileTheAnswerIsMadeIsLeftOut() {
    deleted.add(99L);
    assertNewest(3, true, 97L, 98L, 100L);
    assertAfter(97, 3, false, 98L, 100L);
  }

  @Test
  void answerEndsAtItsLimitOfBytesOnTheSideFurtherAway() {
    try (HeldReadsBroker large = new HeldReadsBroker()) {
      for (int i = 0; i < 10; i++) {
        large.publish(FakeMember.ROOM, 60_000);
      }
      RoomChannel there = large.channel(FakeMember.ROOM, HeldReadsBroker.RETENTION, lane);
      assertHistory(answer(there, 0, 0, 10), true, 1L, 2L, 3L, 4L);
      assertHistory(answer(there, 0, -1, 10), true, 7L, 8L, 9L, 10L);
    }
  }

  @Test
  void logThatCannotBeReadIsAFailure() {
    broker.readsFail = true;
    assertThat(answer(channel, 0, -1, 3))
        .isEqualTo(
            new ServerFrame.Failure(
                "h", null, FakeMember.ROOM, ErrorCode.BROKER_UNAVAILABLE, null, null));
  }
}
