package dev.parley.security;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** How many of something each address or user has at a time. Safe for use by any thread. */
public final class InProgress {
  private final ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();

  /** Counts one more, whatever their number; answers how many there are now. */
  public int enter(String key) {
    return counts.merge(key, 1, Integer::sum);
  }

  /** Counts one more until {@link #leave}; false, and not counted, if there are as many already. */
  public boolean tryEnter(String key, int most) {
    if (enter(key) <= most) {
      return true;
    }
    leave(key);
    return false;
  }

  public void leave(String key) {
    counts.computeIfPresent(key, InProgress::oneLess);
  }

  /** How many there are. */
  public int of(String key) {
    return counts.getOrDefault(key, 0);
  }

  private static @Nullable Integer oneLess(String key, int count) {
    return count == 1 ? null : count - 1;
  }
}
