package dev.parley.broker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what the logs of all embedded rooms hold: who publishes above the limit drives out the
 * oldest messages of the own room, whatever its size. Safe for use by any thread.
 */
final class LogMemory {
  /** An entry's objects beside its bytes, about. */
  private static final long OVERHEAD = 200;

  private final long limit;
  private final AtomicLong bytes = new AtomicLong();

  LogMemory(long limit) {
    this.limit = limit;
  }

  /** A quarter of the heap. */
  static LogMemory ofTheHeap() {
    return new LogMemory(Runtime.getRuntime().maxMemory() / 4);
  }

  void add(Entry entry) {
    bytes.addAndGet(size(entry));
  }

  void remove(Entry entry) {
    bytes.addAndGet(-size(entry));
  }

  boolean isExceeded() {
    return bytes.get() > limit;
  }

  private static long size(Entry entry) {
    return OVERHEAD + entry.tail().length;
  }
}
