package dev.parley.websocket;

import dev.parley.access.MessageRateLimiter;
import java.util.concurrent.TimeUnit;

/**
 * How many frames that are no message by themselves one peer may send: control frames and
 * fragments, which the rate of messages does not count. A frame costs less the more it carries, and
 * nothing from {@value #FREE_BYTES} bytes on, so that long messages may come in as many fragments
 * as they need. Owned by the connection's lane.
 *
 * <p>As in {@link MessageRateLimiter}, the time at which the peer will have used up what it sent is
 * all that is kept.
 */
final class FrameAllowance {
  static final int FREE_BYTES = 256;

  private final Rate rate;
  private long usedUpAt;
  private boolean used;

  FrameAllowance(Rate rate) {
    this.rate = rate;
  }

  /**
   * How much is allowed; one object for all connections.
   *
   * @param interval nanoseconds that one empty frame stands for; 0 if nothing is limited
   * @param tolerance nanoseconds that a peer may be ahead
   */
  record Rate(long interval, long tolerance) {
    private static final int PER_MESSAGE = 10;

    /** 500 a second and 1,000 at once, however few messages are allowed. */
    private static final long LONGEST_INTERVAL = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long LEAST_TOLERANCE = 1_000 * LONGEST_INTERVAL;

    /** Ten times what is allowed of messages. */
    static Rate of(MessageRateLimiter.Rate messages) {
      return new Rate(
          Math.min(messages.interval() / PER_MESSAGE, LONGEST_INTERVAL),
          Math.max(messages.tolerance(), LEAST_TOLERANCE));
    }
  }

  /**
   * False if the peer has sent too many.
   *
   * @param size bytes that the frame carries
   */
  boolean take(int size) {
    return rate.interval == 0 || size >= FREE_BYTES || take(size, System.nanoTime());
  }

  boolean take(int size, long now) {
    long ahead = used ? Math.max(0, usedUpAt - now) : 0;
    if (ahead > rate.tolerance) {
      return false;
    }
    used = true;
    usedUpAt = now + ahead + rate.interval * (FREE_BYTES - size) / FREE_BYTES;
    return true;
  }
}
