package dev.parley.access;

import java.time.Duration;

/**
 * How much of a room's log is kept, as {@link HistoryProperties} describes it.
 *
 * @param size in messages
 */
public record RoomHistory(int size, Duration retention, long bytes) {

  /** Whether anything is kept. */
  public boolean isKept() {
    return size > 0;
  }
}
