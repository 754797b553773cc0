package dev.parley.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LanesTests {
  private final Budget total = Budget.of(BudgetKind.OUTBOUND, 1_000_000);
  private final ManualLane.Time time = new ManualLane.Time();
  private final ManualLane first = new ManualLane(0, total, time);
  private final ManualLane second = new ManualLane(1, total, time);
  private final Lanes lanes = new Lanes(List.of(first, second));

  @Test
  void everyLaneIsAskedOnItselfAndAnswersAreInTheirOrder() {
    CompletableFuture<List<String>> answers =
        lanes.collect(lane -> lane.index() + (lane.inLane() ? " itself" : " another"));
    second.settle();
    assertThat(answers).isNotDone();
    first.settle();
    assertThat(answers).isCompletedWithValue(List.of("0 itself", "1 itself"));
  }

  @Test
  void aFaultOnOneLaneDoesNotKeepTheOthersFromBeingAsked() {
    List<Integer> asked = new ArrayList<>();
    CompletableFuture<List<Integer>> answers =
        lanes.collect(lane -> {
          asked.add(lane.index());
          if (lane.index() == 0) {
            throw new IllegalStateException("broken");
          }
          return lane.index();
        });
    first.settle();
    assertThat(answers).isNotDone();
    second.settle();
    assertThat(asked).containsExactly(0, 1);
    assertThat(answers).isCompletedExceptionally();
  }
}
