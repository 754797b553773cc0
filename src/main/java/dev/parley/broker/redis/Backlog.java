package dev.parley.broker.redis;

import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds what is held of messages, or of signals, that Redis has not answered for: 4,096 of them,
 * and what the instance's budget and the sender's share in it allow. Beyond it they are refused, so
 * that a slow Redis does not fill the heap. Safe for use by any thread.
 */
final class Backlog {
  static final int MESSAGES = 4_096;

  private final Budget budget;
  private final AtomicInteger messages = new AtomicInteger();

  /**
   * @param budget of bytes, which others may have a part in
   */
  Backlog(Budget budget) {
    this.budget = budget;
  }

  boolean take(Account sender, int size) {
    if (messages.get() >= MESSAGES) {
      budget.refused();
      return false;
    }
    if (!budget.tryTake(sender, size)) {
      return false;
    }
    messages.incrementAndGet();
    return true;
  }

  boolean isUntouched() {
    return messages.get() == 0;
  }

  void give(Account sender, int size) {
    messages.decrementAndGet();
    budget.give(sender, size);
  }
}
