package dev.parley.broker.redis;

import java.util.concurrent.TimeUnit;

/**
 * What an instance hears of itself: a number that it puts on a channel each second. A Pub/Sub
 * connection can be alive and deliver nothing, and that shows in no other way. A number counts as
 * missing only when Redis has confirmed it, so a slow Redis is no silent one. Its monitor guards
 * it.
 */
final class PubSubHeartbeat {
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private long sent;
  private long confirmed;
  private long heard;
  private boolean missing;
  private long missingSince;

  synchronized long next() {
    return ++sent;
  }

  /** Redis has put the number on the channel. */
  synchronized void confirmed(long number, long now) {
    confirmed = Math.max(confirmed, number);
    if (confirmed > heard && !missing) {
      missing = true;
      missingSince = now;
    }
  }

  /** The number has come back. */
  synchronized void heard(long number) {
    heard = Math.max(heard, number);
    if (heard >= confirmed) {
      missing = false;
    }
  }

  /** There is a new connection to hear on. */
  synchronized void restart() {
    heard = sent;
    missing = false;
  }

  synchronized boolean isSilent(long now) {
    return missing && now - missingSince > SILENCE_NANOS;
  }
}
