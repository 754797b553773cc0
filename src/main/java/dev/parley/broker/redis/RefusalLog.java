package dev.parley.broker.redis;

import dev.parley.readiness.Alarm;

/**
 * Tells the {@link RedisAlarm} that Redis refuses messages, for all publishing connections
 * together: as long as that goes on, also if some are accepted in between, and until nothing was
 * refused for 30 s. Safe for use by any thread.
 */
final class RefusalLog {
  static final long QUIET_NANOS = Alarm.PAUSE_NANOS;
  private static final long RAISE_NANOS = 1_000_000_000;

  private final RedisAlarm alarm;

  // Guarded by the monitor.
  private boolean refusing;

  /** When the alarm was last told: what Redis says is looked at once a second at most. */
  private long raisedAt;

  private long refusedAt;

  RefusalLog(RedisAlarm alarm) {
    this.alarm = alarm;
  }

  /**
   * @param message what Redis said
   * @param now by System.nanoTime
   */
  synchronized void refused(String message, long now) {
    refusedAt = now;
    if (!refusing || now - raisedAt >= RAISE_NANOS) {
      refusing = true;
      raisedAt = now;
      alarm.raise(this, RedisProblem.of(message));
    }
  }

  /** Called now and then: whether it is over by now. */
  synchronized void check(long now) {
    if (refusing && now - refusedAt >= QUIET_NANOS) {
      refusing = false;
      alarm.clear(this);
    }
  }
}
