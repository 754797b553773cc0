package dev.parley.broker;

import dev.parley.broker.Entry.Dedup;
import dev.parley.protocol.UserId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ids that a room has accepted lately: two maps, one for the current period of five minutes and
 * one for that before it, so an id is remembered for 5 to 10 minutes. Guarded by the room's lock.
 */
final class DedupWindow {
  static final long PERIOD_MS = 300_000;

  private record Key(UserId user, String id) {}

  /** What was answered when the id was accepted. */
  record Accepted(long offset, long timestamp, int contentHash) {}

  private long period;
  private Map<Key, Accepted> current = new HashMap<>();
  private Map<Key, Accepted> previous = new HashMap<>();

  @Nullable Accepted find(Dedup dedup, long now) {
    rotate(now);
    Key key = new Key(dedup.user(), dedup.id());
    Accepted found = current.get(key);
    return found != null ? found : previous.get(key);
  }

  void put(Dedup dedup, Accepted accepted, long now) {
    rotate(now);
    current.put(new Key(dedup.user(), dedup.id()), accepted);
  }

  void rotate(long now) {
    long due = Math.floorDiv(now, PERIOD_MS);
    // A clock that steps back over the edge of a period must not forget what was just accepted.
    if (due == period || due == period - 1) {
      return;
    }
    previous = due == period + 1 ? current : new HashMap<>();
    current = new HashMap<>();
    period = due;
  }
}
