package dev.parley.http;

import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import org.jspecify.annotations.Nullable;

/**
 * What a request in progress costs: a place among those of its address, and the bytes of its body
 * and answer, on the account of that address. All of it is given back by {@link #end}. Guarded by
 * its monitor.
 */
final class Exchange {
  private final Budgets budgets;
  private final Budget budget;
  private final String address;
  private final Runnable left;

  /** Null until there is something to count: most requests have no body to speak of. */
  private @Nullable Account account;

  private long held;
  private boolean ended;

  /**
   * @param left run once at the end
   */
  Exchange(Budgets budgets, String address, Runnable left) {
    this.budgets = budgets;
    this.budget = budgets.of(BudgetKind.REST);
    this.address = address;
    this.left = left;
  }

  /** Counts more bytes of this request; false, and not counted, if there is no room for them. */
  synchronized boolean tryHold(long bytes) {
    if (ended) {
      return false;
    }
    Account of = account == null ? budgets.account("address " + address) : account;
    account = of;
    if (!budget.tryTake(of, bytes)) {
      return false;
    }
    held += bytes;
    return true;
  }

  synchronized void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (account != null) {
      budget.give(account, held);
      account.close();
    }
    left.run();
  }
}
