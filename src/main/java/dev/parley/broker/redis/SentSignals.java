package dev.parley.broker.redis;

import dev.parley.budget.Account;
import dev.parley.budget.Budget;

/**
 * The signals that a publisher has sent and Redis has not answered yet. They are bounded, so that a
 * slow Redis does not fill the heap: what exceeds the bounds is lost. Sent on the home executor;
 * answers come on any thread.
 */
final class SentSignals {
  private final Backlog unanswered;

  /** When the last answer came, or the first signal was sent. */
  private volatile long answeredAt;

  SentSignals(Budget budget) {
    this.unanswered = new Backlog(budget);
  }

  /** Writes a signal without flushing; false if it is lost. */
  boolean send(PrimaryConnection connection, String channel, byte[] payload) {
    boolean first = unanswered.isUntouched();
    if (!unanswered.take(Account.NOBODY, payload.length)) {
      return false;
    }
    if (first) {
      answeredAt = System.nanoTime();
    }
    var _ =
        connection
            .async()
            .publish(channel, payload)
            .whenComplete((heard, failure) -> {
              answeredAt = System.nanoTime();
              unanswered.give(Account.NOBODY, payload.length);
            });
    return true;
  }

  boolean isEmpty() {
    return unanswered.isUntouched();
  }

  /** Whether no answer has come for too long. */
  boolean isStuck(long now) {
    return !isEmpty() && now - answeredAt > PublishQueue.PATIENCE_NANOS;
  }
}
