package dev.parley.websocket;

import dev.parley.access.MessageRateLimiter;
import dev.parley.delivery.Lane;
import java.time.Duration;

/**
 * Holds a connection that cannot be told of refusals to its rate: it is not read while it is over.
 * Owned by the connection's lane.
 */
final class Pace {
  private final MessageRateLimiter rate;
  private boolean resting;

  Pace(MessageRateLimiter.Rate rate) {
    this.rate = new MessageRateLimiter(rate);
  }

  /** Whether nothing is to be read at present. */
  boolean isResting() {
    return resting;
  }

  /** A message was taken. Where it is over the rate, the next is read when this one is paid for. */
  void pay(Lane lane, Runnable resume) {
    long wait = rate.tryAcquire(System.nanoTime());
    resting = wait > 0;
    if (resting) {
      lane.schedule(() -> pay(lane, resume), Duration.ofNanos(wait));
    } else {
      resume.run();
    }
  }
}
