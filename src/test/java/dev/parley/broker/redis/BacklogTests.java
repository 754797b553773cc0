package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Account;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import org.junit.jupiter.api.Test;

class BacklogTests {
  private final Budgets budgets = Budgets.ofEach(1_000);
  private final Backlog backlog = new Backlog(budgets.of(BudgetKind.PUBLISH));
  private final Account ann = budgets.account("user ann");

  @Test
  void bytesAreHeldOnTheSendersAccountAndGivenBack() {
    assertThat(backlog.take(ann, 900)).isTrue();
    assertThat(ann.held(BudgetKind.PUBLISH)).isEqualTo(900);
    assertThat(backlog.take(ann, 200)).isFalse();
    backlog.give(ann, 900);
    assertThat(ann.held(BudgetKind.PUBLISH)).isZero();
    assertThat(budgets.of(BudgetKind.PUBLISH).held()).isZero();
    assertThat(backlog.isUntouched()).isTrue();
  }

  @Test
  void messagesAreCountedAsWell() {
    for (int i = 0; i < Backlog.MESSAGES; i++) {
      assertThat(backlog.take(ann, 0)).isTrue();
    }
    assertThat(backlog.take(ann, 0)).isFalse();
  }
}
