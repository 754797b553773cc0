package dev.parley.broker;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what is held of messages, or of signals, that Redis has not answered for: 4,096 of them or
 * 16 MiB, whichever comes first. Beyond it they are refused, so that a slow Redis does not fill the
 * heap. Safe for use by any thread.
 */
final class Budget {
  static final int MESSAGES = 4_096;
  static final long BYTES = 16L * 1024 * 1024;

  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /** One message is always let in, however large. */
  boolean take(int size) {
    if (messages.get() >= MESSAGES || (messages.get() > 0 && bytes.get() + size > BYTES)) {
      return false;
    }
    messages.incrementAndGet();
    bytes.addAndGet(size);
    return true;
  }

  boolean isUntouched() {
    return messages.get() == 0;
  }

  void give(int size) {
    messages.decrementAndGet();
    bytes.addAndGet(-size);
  }
}
