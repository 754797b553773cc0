package dev.parley.delivery;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a lane has written since the start; each is set by its lane only, and read by the metrics
 * from any thread.
 */
public final class LaneCounters {
  private final AtomicLong frames = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  void add(long frames, long bytes, long writes) {
    this.frames.lazySet(this.frames.getPlain() + frames);
    this.bytes.lazySet(this.bytes.getPlain() + bytes);
    this.writes.lazySet(this.writes.getPlain() + writes);
  }

  /** Counts messages that were sent to members; called on the lane. */
  public void addDelivered(long messages) {
    delivered.lazySet(delivered.getPlain() + messages);
  }

  /** Messages of rooms that were sent to members. */
  public long delivered() {
    return delivered.get();
  }

  /** Counts payload that was read; called on the lane. */
  public void addReceived(long bytes) {
    received.lazySet(received.getPlain() + bytes);
  }

  /** Bytes of payload read from sockets. */
  public long received() {
    return received.get();
  }

  /** Frames handed to sockets. */
  public long frames() {
    return frames.get();
  }

  /** Bytes handed to sockets. */
  public long bytes() {
    return bytes.get();
  }

  /** Write system calls, as far as a call takes one. */
  public long writes() {
    return writes.get();
  }
}
