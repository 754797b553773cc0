package dev.parley.broker.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Notices that an instance's beat stands still. Belongs to one thread.
 *
 * <p>No two clocks are compared. Beats are counters, and what is measured is the watcher's own
 * monotonic time between two reads of the same counter: from the answer to the first, which was
 * executed before it, to the question of the last, which was executed after it. A pause of the
 * watcher, or a Redis that keeps it waiting, says nothing about the others, who may have been kept
 * waiting as well: then all of them are observed anew.
 */
final class LeaseWatcher {
  /** So often that a death is noticed within 9 s. */
  static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long SLOW_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** At least as many reads, so that a few late ones do not decide. */
  private static final int POLLS = 5;

  /** A beat that did not change while it was observed for long enough. */
  record Silent(Incarnation incarnation, long beat) {}

  private record Sighting(long beat, long since, int polls) {}

  private final Map<Incarnation, Sighting> sightings = new HashMap<>();
  private long answeredBefore;

  /** What was seen so far does not count. */
  void restart() {
    sightings.clear();
  }

  /**
   * Takes what was read; answers who is silent.
   *
   * @param askedAt when the question was sent
   * @param answeredAt when the answer came
   */
  List<Silent> observe(Map<Incarnation, Long> beats, long askedAt, long answeredAt) {
    if (askedAt - answeredBefore > PAUSE_NANOS || answeredAt - askedAt > SLOW_NANOS) {
      restart();
    }
    answeredBefore = answeredAt;
    sightings.keySet().retainAll(beats.keySet());
    List<Silent> silent = new ArrayList<>();
    beats.forEach((incarnation, beat) -> {
      Sighting before = sightings.get(incarnation);
      if (before == null || before.beat != beat) {
        sightings.put(incarnation, new Sighting(beat, answeredAt, 1));
        return;
      }
      Sighting now = new Sighting(beat, before.since, before.polls + 1);
      sightings.put(incarnation, now);
      if (now.polls >= POLLS && askedAt - now.since >= InstanceLease.PATIENCE_NANOS) {
        silent.add(new Silent(incarnation, beat));
      }
    });
    return silent;
  }
}
