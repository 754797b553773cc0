package dev.parley.broker;

import java.time.Duration;

/**
 * How much of a room's log is kept for those who come back. Whichever limit is reached first holds;
 * what is beyond it is gone, and whoever asks for it is told.
 *
 * @param messages at most; 0 for none
 * @param age of a message at most
 * @param bytes of all messages at most, without what the broker needs for them besides. On Redis a
 *     deleted message counts until it would be too old, and an eighth may be free
 */
public record Retention(int messages, Duration age, long bytes) {
  private static final Duration IDLE_AT_LEAST = Duration.ofDays(7);

  /** After this long without use a room is forgotten. */
  public Duration idle() {
    Duration twice = age.multipliedBy(2);
    return twice.compareTo(IDLE_AT_LEAST) > 0 ? twice : IDLE_AT_LEAST;
  }
}
