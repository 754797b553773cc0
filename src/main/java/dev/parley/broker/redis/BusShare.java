package dev.parley.broker.redis;

import dev.parley.budget.Budget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one room holds of the instance's budget for the bus. A room may hold as much as is left
 * free: if one is flooded, or its home is busy, it stops at half of the budget, and the others
 * still have room. Taken by one thread at a time, given back by any.
 */
final class BusShare {
  private final Budget budget;
  private final AtomicLong held = new AtomicLong();

  BusShare(Budget budget) {
    this.budget = budget;
  }

  /** False, and counted as a refusal, if the room may not hold so many bytes more. */
  boolean take(int bytes) {
    boolean taken = budget.tryTakeOfFree(held.get(), bytes);
    if (taken) {
      held.addAndGet(bytes);
    }
    return taken;
  }

  void give(int bytes) {
    held.addAndGet(-bytes);
    budget.add(-bytes);
  }

  /** Counts a payload that was dropped without asking. */
  void refused() {
    budget.refused();
  }
}
