package dev.parley.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BudgetPropertiesTests {

  @Test
  void budgetsAreShareOfTheHeapAndUsersHaveShareOfThem() {
    Budgets budgets = new BudgetProperties(18, 9, 6, 6, 16, 8, 8, 3, 25).budgets(100_000, 777);
    assertThat(budgets.of(BudgetKind.CONNECTIONS).limit()).isEqualTo(18_000);
    assertThat(budgets.of(BudgetKind.REST).share()).isEqualTo(750);
    assertThat(budgets.of(BudgetKind.OUTBOUND).limit()).isEqualTo(777);
  }

  @Test
  void moreThanIsThereIsRefused() {
    assertThatThrownBy(() -> new BudgetProperties(16, 12, 6, 6, 28, 8, 8, 3, 25))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("parley.budget.connections")
        .hasMessageContaining("70 percent");
    assertThatThrownBy(() -> new BudgetProperties(16, 12, 6, 6, 16, 14, 14, 3, 25))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
