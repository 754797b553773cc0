package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What requests in progress may hold: 100,000 bytes all together, an address as well. */
class ExchangeTests {
  private final Budgets budgets = Budgets.ofEach(100_000);
  private final Budget budget = budgets.of(BudgetKind.REST);
  private final RestMemory memory = new RestMemory(budgets);

  @Test
  void anAnswerMayGrowBeyondTheBudgetWhileNothingElseIsHeld() {
    Exchange exchange = exchange("a");
    for (int i = 0; i < 4; i++) {
      assertThat(exchange.tryHold(50_000)).isTrue();
    }
    assertThat(budget.held()).isEqualTo(200_000);
    assertThat(exchange("b").tryHold(1)).isFalse();
    exchange.end();
    assertThat(budget.held()).isZero();
  }

  @Test
  void anAnswerDoesNotGrowBeyondTheBudgetBesideOthers() {
    assertThat(exchange("a").tryHold(1)).isTrue();
    Exchange exchange = exchange("b");
    assertThat(exchange.tryHold(50_000)).isTrue();
    assertThat(exchange.tryHold(50_000)).isFalse();
    assertThat(budget.held()).isEqualTo(50_001);
  }

  @Test
  void bodiesOfSomeAddressesLeaveMemoryForOthers() {
    List<Exchange> all = new ArrayList<>();
    for (int address = 0; address < 5; address++) {
      boolean taken = true;
      for (int i = 0; taken && i < 200; i++) {
        Exchange exchange = exchange("attacker " + address);
        all.add(exchange);
        taken = exchange.tryHoldBody(1_000);
      }
      assertThat(taken).isFalse();
    }
    assertThat(budget.held()).isLessThanOrEqualTo(50_000);
    Exchange honest = exchange("honest");
    assertThat(honest.tryHoldBody(500)).isTrue();
    assertThat(honest.tryHold(40_000)).isTrue();
    all.add(honest);
    all.forEach(Exchange::end);
    assertThat(budget.held()).isZero();
    // Bodies are free again as well.
    assertThat(exchange("later").tryHoldBody(25_000)).isTrue();
    assertThat(exchange("another").tryHoldBody(12_500)).isTrue();
  }

  @Test
  void aLoneBodyMayGrowBeyondItsPart() {
    Exchange exchange = exchange("a");
    assertThat(exchange.tryHoldBody(1_000)).isTrue();
    assertThat(exchange.tryHoldBody(63_000)).isTrue();
    assertThat(exchange("b").tryHoldBody(1_000)).isFalse();
    exchange.end();
  }

  @Test
  void aRequestThatIsOverTakesNothing() {
    Exchange exchange = exchange("a");
    exchange.end();
    assertThat(exchange.tryHold(1)).isFalse();
    assertThat(exchange.tryHoldBody(1)).isFalse();
    assertThat(budget.held()).isZero();
  }

  private Exchange exchange(String address) {
    return new Exchange(memory, address, () -> {});
  }
}
