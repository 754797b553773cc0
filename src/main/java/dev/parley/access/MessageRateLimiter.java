package dev.parley.access;

import java.util.concurrent.TimeUnit;

/**
 * One connection's message rate, by the generic cell rate algorithm: instead of a bucket that
 * something must fill, the time at which the client will have used up what it sent. Owned by the
 * connection's lane; time is passed in as {@link System#nanoTime} gives it.
 *
 * <p>Flooding is told by refusals: {@value #FLOOD_REFUSALS} of them within {@value #FLOOD_SECONDS}
 * s, counted from the first, come from a client that does not listen.
 */
public final class MessageRateLimiter {
  private static final int FLOOD_REFUSALS = 100;
  private static final long FLOOD_SECONDS = 10;
  private static final long FLOOD_NANOS = TimeUnit.SECONDS.toNanos(FLOOD_SECONDS);

  /** What answers may count for beside the messages, all that can be on their way together. */
  private static final int MOST_CHARGED = 32;

  private final Rate rate;

  /** So far from any time that a clock gives that the first message finds nothing used up. */
  private long usedUpAt = Long.MIN_VALUE;

  private long refusedSince;
  private int refusals;

  public MessageRateLimiter(Rate rate) {
    this.rate = rate;
  }

  /**
   * How much is allowed; one object for all connections.
   *
   * @param interval nanoseconds that one message stands for; 0 if nothing is limited
   * @param tolerance nanoseconds that a client may be ahead
   */
  public record Rate(long interval, long tolerance) {
    static final Rate UNLIMITED = new Rate(0, 0);

    public static Rate of(LimitsProperties limits) {
      if (!limits.enabled()) {
        return UNLIMITED;
      }
      long interval = TimeUnit.SECONDS.toNanos(1) / limits.messagesPerSecond();
      return new Rate(interval, interval * (limits.burst() - 1));
    }
  }

  public static MessageRateLimiter of(LimitsProperties limits) {
    return new MessageRateLimiter(Rate.of(limits));
  }

  /** 0 if the message is allowed, and counted; else the nanoseconds to wait for the next. */
  public long tryAcquire(long nowNanos) {
    if (rate.interval == 0) {
      return 0;
    }
    long ahead = usedUpAt - nowNanos;
    // Nobody gets further ahead: beyond that it is the first message, or the difference of two
    // times
    // that are far apart.
    if (ahead < 0 || ahead > most()) {
      ahead = 0;
    }
    if (ahead > rate.tolerance) {
      refused(nowNanos);
      return ahead - rate.tolerance;
    }
    usedUpAt = nowNanos + ahead + rate.interval;
    return 0;
  }

  /** Counts so many messages besides, for what a message that was allowed has cost. */
  public void charge(int messages, long nowNanos) {
    long ahead = usedUpAt - nowNanos;
    if (rate.interval > 0 && messages > 0) {
      ahead = ahead < 0 || ahead > most() ? 0 : ahead;
      usedUpAt = nowNanos + Math.min(ahead + messages * rate.interval, most());
    }
  }

  private long most() {
    return rate.tolerance + (1 + MOST_CHARGED) * rate.interval;
  }

  /** Whether the client keeps sending although it is refused; the answer is close code 4003. */
  public boolean isFlooding(long nowNanos) {
    return refusals >= FLOOD_REFUSALS && nowNanos - refusedSince < FLOOD_NANOS;
  }

  private void refused(long nowNanos) {
    if (refusals == 0 || nowNanos - refusedSince >= FLOOD_NANOS) {
      refusedSince = nowNanos;
      refusals = 0;
    }
    refusals++;
  }
}
