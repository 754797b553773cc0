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

  /** When the current period ends. */
  private long end;

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

  /**
   * Begins the next period when it is due. What time has passed is what the clock says; where it
   * was set back, the current period begins again, so that ids live a whole one at least.
   */
  void rotate(long now) {
    if (now < end - PERIOD_MS) {
      end = now + PERIOD_MS;
    } else if (now >= end) {
      boolean next = now < end + PERIOD_MS;
      previous = next ? current : new HashMap<>();
      current = new HashMap<>();
      end = next ? end + PERIOD_MS : now + PERIOD_MS;
    }
  }
}
