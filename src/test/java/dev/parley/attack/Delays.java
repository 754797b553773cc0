package dev.parley.attack;

import dev.parley.cluster.Ledger;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** How long messages take from their sender to each member of their room. */
final class Delays extends Ledger {
  private final ConcurrentHashMap<String, Long> sent = new ConcurrentHashMap<>();

  /** How many took so many milliseconds; the last counts all that took longer. */
  private final AtomicIntegerArray counts = new AtomicIntegerArray(60_000);

  private volatile boolean measuring;

  /** Of the messages that are sent from now on. */
  void measure() {
    measuring = true;
  }

  /** What is sent from now on is not measured any more. */
  void pause() {
    measuring = false;
  }

  @Override
  public void sent(String message) {
    // Being sent again because of a refusal is a part of the delay.
    if (measuring) {
      sent.putIfAbsent(message, System.nanoTime());
    }
  }

  @Override
  public void heard(String message) {
    Long since = sent.get(message);
    if (since != null) {
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
      counts.incrementAndGet((int) Math.min(millis, counts.length() - 1));
    }
  }

  int count() {
    int count = 0;
    for (int i = 0; i < counts.length(); i++) {
      count += counts.get(i);
    }
    return count;
  }

  /** The milliseconds within which 99 of 100 messages were delivered. */
  int p99() {
    long beyond = count() / 100;
    int millis = counts.length() - 1;
    for (long slower = counts.get(millis); slower <= beyond && millis > 0; ) {
      slower += counts.get(--millis);
    }
    return millis;
  }
}
