package dev.parley.broker.embedded;

import dev.parley.budget.Budget;

/**
 * What the logs, ids and rooms of the embedded broker hold, and the bound on it. Safe for use by
 * any thread.
 *
 * @param budget of all of it
 * @param ids the part of it that cannot be evicted
 */
record LogMemory(Budget budget, IdMemory ids) {
  /** Whoever publishes evicts: so much is no pause for those beside it. */
  private static final long MOST_AT_ONCE = 1024 * 1024;

  LogMemory(Budget budget) {
    this(budget, new IdMemory(budget));
  }

  void add(long difference) {
    budget.add(difference);
  }

  boolean isExceeded() {
    return budget.isExceeded();
  }

  /**
   * Whether still more has to go, once too much was held: down to a little below the limit, so that
   * it is not for each message that something has to.
   */
  boolean isAboveTarget() {
    return budget.held() > budget.limit() - Math.min(budget.limit() / 64, MOST_AT_ONCE);
  }

  /** A message or a room was evicted. */
  void evicted() {
    budget.refused();
  }
}
