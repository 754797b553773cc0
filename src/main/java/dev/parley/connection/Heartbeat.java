package dev.parley.connection;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The pings of one connection and what came of them. Owned by the connection's lane. */
final class Heartbeat {
  private final Duration interval;
  private long next;
  private boolean heard;
  private boolean pinged;

  /** Of a ping that is not answered yet, else 0. */
  private long sentAt;

  /** 0 until a ping was answered. */
  private int roundTripMicros;

  Heartbeat(Duration interval) {
    this.interval = interval;
  }

  void begin() {
    next = System.nanoTime() + interval.toNanos();
  }

  boolean isDue(long now) {
    return now - next >= 0;
  }

  /** A ping was sent. */
  void sent(long now) {
    pinged = true;
    heard = false;
    next = now + interval.toNanos();
    sentAt = now;
  }

  void heard() {
    heard = true;
  }

  void ponged() {
    if (sentAt != 0) {
      roundTripMicros = (int) TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - sentAt);
      sentAt = 0;
    }
  }

  /** Whether nothing was heard since the last ping. */
  boolean isMissed() {
    return pinged && !heard;
  }

  /** Null until a ping was answered. */
  @Nullable Double roundTripMillis() {
    return roundTripMicros == 0 ? null : roundTripMicros / 1_000.0;
  }
}
