package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.RoomName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayMemoryTests {
  private static final String ANN = "ann";
  private static final String BEN = "ben";

  private final Budget budget = Budget.of(BudgetKind.REPLAY, 10_000);
  private final ReplayMemory memory = new ReplayMemory(budget);
  private final List<String> ran = new ArrayList<>();

  @Test
  void usersTakeTurnsInWaiting() {
    take(ANN, 8_000, "ann 1");
    take(ANN, 8_000, "ann 2");
    take(ANN, 8_000, "ann 3");
    take(BEN, 8_000, "ben 1");
    assertThat(ran).containsExactly("ann 1");
    for (int i = 0; i < 4; i++) {
      memory.give(i == 1 ? BEN : ANN, 8_000);
    }
    assertThat(ran).containsExactly("ann 1", "ben 1", "ann 2", "ann 3");
    assertThat(budget.held()).isZero();
  }

  @Test
  void aUserTakesNoMoreThanAShareAndKeepsNobodyWaiting() {
    Budget shared = Budgets.ofEach(10_000, 40).of(BudgetKind.REPLAY);
    ReplayMemory shares = new ReplayMemory(shared);
    for (int i = 1; i <= 4; i++) {
      take(shares, ANN, 2_000, "ann " + i);
    }
    assertThat(ran).containsExactly("ann 1", "ann 2");
    take(shares, BEN, 4_000, "ben 1");
    assertThat(ran).containsExactly("ann 1", "ann 2", "ben 1");
    shares.give(ANN, 2_000);
    shares.give(ANN, 2_000);
    assertThat(ran).containsExactly("ann 1", "ann 2", "ben 1", "ann 3", "ann 4");
    shares.give(ANN, 2_000);
    shares.give(BEN, 4_000);
    shares.give(ANN, 2_000);
    assertThat(shared.held()).isZero();
  }

  @Test
  void whoHoldsNothingMayTakeMoreThanAShare() {
    ReplayMemory shares = new ReplayMemory(Budgets.ofEach(10_000, 10).of(BudgetKind.REPLAY));
    take(shares, ANN, 5_000, "ann 1");
    take(shares, ANN, 5_000, "ann 2");
    assertThat(ran).containsExactly("ann 1");
    shares.give(ANN, 5_000);
    assertThat(ran).containsExactly("ann 1", "ann 2");
  }

  @Test
  void whoseShareIsUsedUpComesToItsTurnBehindThoseWhoWaitedForMemory() {
    ReplayMemory shares = new ReplayMemory(Budgets.ofEach(10_000, 60).of(BudgetKind.REPLAY));
    take(shares, ANN, 6_000, "ann 1");
    take(shares, ANN, 6_000, "ann 2");
    take(shares, BEN, 6_000, "ben 1");
    take(shares, "eve", 4_000, "eve 1");
    assertThat(ran).containsExactly("ann 1");
    shares.give(ANN, 6_000);
    assertThat(ran).containsExactly("ann 1", "ben 1", "eve 1");
    shares.give(BEN, 6_000);
    assertThat(ran).containsExactly("ann 1", "ben 1", "eve 1", "ann 2");
  }

  @Test
  void whatIsLargerThanTheLimitIsReadAlone() {
    take(ANN, 20_000, "large");
    take(BEN, 20_000, "another");
    assertThat(ran).containsExactly("large");
    memory.give(ANN, 20_000);
    assertThat(ran).containsExactly("large", "another");
  }

  @Test
  void keptPagesGiveWayTheOldestFirst() {
    Page old = kept(3_000);
    Page young = kept(3_000);
    memory.release(old);
    memory.release(young);

    take(ANN, 5_000, "read");

    assertThat(ran).containsExactly("read");
    assertThat(memory.retain(old)).isFalse();
    assertThat(memory.retain(young)).isTrue();
  }

  @Test
  void pageThatIsBeingReadCountsUntilItsReaderIsDone() {
    Page page = kept(6_000);
    memory.drop(page);
    take(ANN, 5_000, "first");
    take(ANN, 5_000, "second");
    assertThat(ran).as("one at a time").containsExactly("first");
    memory.release(page);
    assertThat(ran).containsExactly("first", "second");
    assertThat(budget.held()).isEqualTo(10_000);
  }

  @Test
  void frameTakesThePlaceOfItsEntry() {
    Page page = page(1_000);
    RoomEvent event = page.at(1);
    assertThat(page.at(1)).isSameAs(event).isNotNull();
    assertThat(page.weight()).isGreaterThan(1_000);
  }

  private void take(String user, long bytes, String name) {
    take(memory, user, bytes, name);
  }

  private void take(ReplayMemory from, String user, long bytes, String name) {
    from.take(user, bytes, Runnable::run, () -> ran.add(name));
  }

  private Page kept(int bytes) {
    Page page = page(bytes);
    memory.take(ANN, 1, Runnable::run, () -> memory.keep(page, 1, ANN, 1));
    return page;
  }

  private static Page page(int bytes) {
    Entry entry = new Entry(Form.JSON, true, 1, 1, 1, null, new byte[bytes], null);
    return new Page(new RoomName("r"), new LogPage(Epoch.random(), 1, 1, 1, List.of(entry)), 0);
  }
}
