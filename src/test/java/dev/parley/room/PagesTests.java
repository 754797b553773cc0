package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Head;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.delivery.ManualLane;
import dev.parley.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PagesTests {
  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, 1L << 40));
  private final ScriptedBroker broker = new ScriptedBroker();
  private final RoomHome home =
      new RoomHome(
          FakeMember.ROOM, lane, broker.channel(FakeMember.ROOM, HeldReadsBroker.RETENTION, lane));
  private final Budget budget = Budget.of(BudgetKind.REPLAY, 10_000_000);
  private final ReplayMemory memory = new ReplayMemory(budget);
  private final Cursor cursor = new Cursor();
  private final Deletions deletions = new Deletions();
  private final Pages pages = new Pages(home, cursor, deletions, memory);
  private final List<Page> answers = new ArrayList<>();

  PagesTests() {
    cursor.headIs(broker.headNow());
    broker.publish(600);
  }

  private void ask(long offset) {
    pages.read(
        offset,
        "ann",
        page -> {
          answers.add(page);
          memory.release(page);
        });
  }

  private Page read(long offset) {
    lane.on(() -> ask(offset));
    return answers.getLast();
  }

  @Test
  void pageBeginsAtAFixedOffsetWhateverIsAskedFor() {
    Page page = read(300);
    assertThat(page.first()).isEqualTo(257);
    assertThat(page.covers(512)).isTrue();
    assertThat(page.covers(513)).isFalse();
  }

  @Test
  void readersShareAReadThatIsUnderWayAndThePageThatIsKept() {
    lane.on(() -> {
      ask(10);
      ask(20);
    });
    assertThat(answers).hasSize(2);
    assertThat(answers.getLast()).isSameAs(answers.getFirst());
    assertThat(read(200)).isSameAs(answers.getFirst());
    assertThat(broker.reads).isEqualTo(1);
  }

  @Test
  void pageThatIsCutBeforeTheOffsetIsReadFromThereNextTime() {
    broker.pageLimit = 5;
    assertThat(read(10).first()).isEqualTo(10);
    assertThat(broker.reads).isEqualTo(2);
    assertThat(read(20).first()).isEqualTo(20);
    assertThat(broker.reads).as("the first page is known to be too short").isEqualTo(3);
  }

  @Test
  void pageBeginsLaterIfTheLogDoes() {
    broker.trimTo(400);
    assertThat(read(10).first()).isEqualTo(201);
  }

  @Test
  void pageOfAnotherEpochIsNotShown() {
    cursor.headIs(new Head(Epoch.random(), 600, List.of(), 0, 0, false, List.of()));
    assertThat(read(10).failed()).isTrue();
  }

  @Test
  void readThatFailedIsNotKept() {
    broker.readsFail = true;
    assertThat(read(10).failed()).isTrue();
    broker.readsFail = false;
    assertThat(read(10).covers(10)).isTrue();
  }

  @Test
  void messageThatIsDeletedWhileItIsReadIsATombstone() {
    lane.on(() -> {
      ask(1);
      deletions.add(3);
    });
    assertThat(answers.getFirst().at(3)).isInstanceOf(RoomEvent.Tombstone.class);
    assertThat(answers.getFirst().at(4)).isInstanceOf(RoomEvent.Message.class);
  }

  @Test
  void messageThatTheLogSaysIsDeletedIsNotShownFromAnOlderPage() {
    assertThat(read(1).at(3)).isInstanceOf(RoomEvent.Message.class);
    broker.delete(3);
    pages.deleted(3);
    assertThat(read(1).at(3)).isInstanceOf(RoomEvent.Tombstone.class);
    pages.deleted(3);
    read(1);
    assertThat(broker.reads).as("a page that has the tombstone is good").isEqualTo(2);
  }

  @Test
  void forgottenPagesAreReadAgainAndHoldNoMemory() {
    read(1);
    assertThat(budget.held()).isPositive();
    pages.forget();
    assertThat(budget.held()).isZero();
    read(1);
    assertThat(broker.reads).isEqualTo(2);
  }
}
