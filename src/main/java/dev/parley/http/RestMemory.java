package dev.parley.http;

import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What requests in progress may hold of the budget {@code rest}. Bodies are read before anybody
 * knows whose they are. Therefore they have half of it at most, and of that an address gets no more
 * than is left for all others: each leaves as much as it has, and whoever holds little still gets
 * something. The other half is there for answers. Safe for use by any thread.
 */
final class RestMemory {
  private final Budgets budgets;
  private final Budget budget;
  private final long mostBodies;
  private final AtomicLong bodies = new AtomicLong();

  RestMemory(Budgets budgets) {
    this.budgets = budgets;
    this.budget = budgets.of(BudgetKind.REST);
    this.mostBodies = budget.limit() / 2;
  }

  /** Opens the account of an address; whoever asks closes it. */
  Account account(String address) {
    return budgets.account("address " + address);
  }

  /**
   * Takes more for an answer.
   *
   * @param held by its request, so far
   */
  boolean tryTake(Account account, long held, long bytes) {
    return budget.tryReplace(account, held, held + bytes);
  }

  /**
   * Takes more for a body.
   *
   * @param held by its request, so far
   * @param ofBody how much of it for the body
   */
  boolean tryTakeForBody(Account account, long held, long ofBody, long bytes) {
    long before = bodies.getAndAdd(bytes);
    boolean left = before == ofBody || account.held(BudgetKind.REST) + bytes <= mostBodies - before;
    if (left && budget.tryReplace(account, held, held + bytes)) {
      return true;
    }
    bodies.addAndGet(-bytes);
    if (!left) {
      budget.refused();
    }
    return false;
  }

  /**
   * @param held by a request
   * @param ofBody how much of it for its body
   */
  void give(Account account, long held, long ofBody) {
    bodies.addAndGet(-ofBody);
    budget.give(account, held);
  }
}
