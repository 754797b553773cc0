package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.redis.BehindHead.Heard;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import org.junit.jupiter.api.Test;

class BehindHeadTests {
  private final Budget budget = Budget.of(BudgetKind.BUS, 1_000);
  private final BusShare share = new BusShare(budget);
  private final BehindHead behind = new BehindHead(share);
  private final Payload first = new Payload.Signal(message("first"));
  private final Payload second = new Payload.Signal(message("second"));

  private void add(Payload payload, int weight) {
    assertThat(share.take(weight)).isTrue();
    behind.add(payload, weight);
  }

  @Test
  void payloadsAreTakenInTheirOrderAndHoldTheirBytesUntilTheyAreGivenBack() {
    add(first, 100);
    add(second, 200);

    assertThat(behind.take()).isEqualTo(new Heard(first, 100));
    assertThat(behind.take()).isEqualTo(new Heard(second, 200));
    assertThat(behind.take()).isNull();
    assertThat(budget.held()).isEqualTo(300);
  }

  @Test
  void discardGivesBackWhatIsLeftAndSaysWhetherThereWasAny() {
    add(first, 100);
    add(second, 200);
    assertThat(behind.take()).isEqualTo(new Heard(first, 100));

    assertThat(behind.discard()).isTrue();
    assertThat(budget.held()).isEqualTo(100);
    assertThat(behind.discard()).isFalse();
    assertThat(behind.take()).isNull();
  }

  @Test
  void roomStopsAtHalfOfTheBudgetAndAnotherStillHasRoom() {
    int taken = takeAll();

    assertThat(taken).isBetween(490, 500);
    assertThat(new BusShare(budget).take(10)).isTrue();
  }

  @Test
  void bytesThatWereGivenBackCanBeTakenAgain() {
    int taken = takeAll();
    share.give(taken);

    assertThat(takeAll()).isEqualTo(taken);
  }

  private int takeAll() {
    int taken = 0;
    while (share.take(10)) {
      taken += 10;
    }
    return taken;
  }
}
