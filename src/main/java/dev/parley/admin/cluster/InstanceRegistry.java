package dev.parley.admin.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The instances that were heard lately, this one always among them. Guarded by its monitor.
 *
 * <p>Time stands still while this instance does not hear itself: then it is its own bus that is
 * cut, and the others are silent rather than gone.
 */
final class InstanceRegistry {
  private static final long FORGET_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long CUT_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int MAX_PEERS = 1_000;

  private final InstanceName self;
  private final Map<InstanceName, Long> heard = new HashMap<>();
  private long selfHeard;

  InstanceRegistry(InstanceName self, long now) {
    this.self = self;
    this.selfHeard = now;
  }

  /** Whether it is new here. */
  synchronized boolean heard(InstanceName instance, long now) {
    if (instance.equals(self)) {
      long silence = now - selfHeard;
      if (silence > CUT_NANOS) {
        heard.replaceAll((other, last) -> last + silence);
      }
      selfHeard = now;
      heard.values().removeIf(last -> now - last > FORGET_NANOS);
      return false;
    }
    if (heard.size() >= MAX_PEERS && !heard.containsKey(instance)) {
      return false;
    }
    return heard.put(instance, now) == null;
  }

  synchronized void gone(InstanceName instance) {
    heard.remove(instance);
  }

  synchronized SortedSet<InstanceName> all() {
    SortedSet<InstanceName> all = new TreeSet<>(heard.keySet());
    all.add(self);
    return all;
  }
}
