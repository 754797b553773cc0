package dev.parley.broker.redis;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that Redis refuses messages, for all publishing connections together: at most
 * every 30 s while that goes on, also if some are accepted in between, and that it is over when
 * nothing was refused for as long. Safe for use by any thread.
 */
final class RefusalLog {
  static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

  private volatile boolean refusing;
  private volatile long refusedAt;

  // Guarded by the monitor.
  private long loggedAt;
  private int refusals;

  /**
   * @param message what Redis said
   * @param now by System.nanoTime
   */
  synchronized void refused(String message, long now) {
    refusedAt = now;
    refusals++;
    if (!refusing || now - loggedAt >= PAUSE_NANOS) {
      refusing = true;
      loggedAt = now;
      log.warn("Redis refuses messages ({} times by now): {}", refusals, message);
    }
  }

  /** Some were accepted; called for every batch. */
  void accepted(long now) {
    if (refusing && now - refusedAt >= PAUSE_NANOS) {
      over(now);
    }
  }

  private synchronized void over(long now) {
    if (refusing && now - refusedAt >= PAUSE_NANOS) {
      refusing = false;
      log.info("Redis accepts messages again, having refused {} times", refusals);
      refusals = 0;
    }
  }
}
