package dev.parley.delivery;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for slow readers on the whole instance, and the bound on it: the bytes that are due to
 * connections whose socket is full, frames that several of them wait for counted for each, and the
 * buffers that their writes hold. Shared by all lanes.
 */
public final class OutboundTotal {
  private final long limit;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param limit bytes above which each lane closes its connection with the largest backlog
   */
  public OutboundTotal(long limit) {
    this.limit = limit;
  }

  public long bytes() {
    return bytes.get();
  }

  long limit() {
    return limit;
  }

  void add(long difference) {
    bytes.addAndGet(difference);
  }

  boolean isExceeded() {
    return bytes.get() > limit;
  }
}
