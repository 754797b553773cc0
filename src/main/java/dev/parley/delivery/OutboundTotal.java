package dev.parley.delivery;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for slow readers on the whole instance: the bytes that are due to connections whose
 * socket is full, and the bound on them. Shared by all lanes; each adds its difference once a turn.
 */
public final class OutboundTotal {
  private final long limit;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param limit bytes above which the connection with the largest backlog is closed
   */
  public OutboundTotal(long limit) {
    this.limit = limit;
  }

  public long bytes() {
    return bytes.get();
  }

  void add(long difference) {
    bytes.addAndGet(difference);
  }

  boolean isExceeded() {
    return bytes.get() > limit;
  }
}
