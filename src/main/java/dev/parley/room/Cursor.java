package dev.parley.room;

import dev.parley.broker.Head;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import java.util.List;

/**
 * The position in the room's log up to which members have been sent, and the head as the broker
 * last told it. Owned by the room's home lane.
 */
final class Cursor {
  private Head head = new Head(Epoch.NONE, 0, List.of(), 0, 0, false, List.of());
  private long next;

  Epoch epoch() {
    return head.epoch();
  }

  /** The offset of the next message that members are sent. */
  long next() {
    return next;
  }

  /** The last position that members have been sent. */
  Position position() {
    return new Position(head.epoch(), next - 1);
  }

  /** The broker told where the log is now; the offset stays. */
  void headIs(Head now) {
    head = now;
  }

  void moveTo(long offset) {
    next = offset;
  }

  /** Whether what was seen up to this position is still what the log says, as far as is known. */
  boolean holds(Position since) {
    return holds(since, next - 1);
  }

  /**
   * As {@link #holds(Position)}, if the log reaches to {@code offset}: the head is only as new as
   * the broker's last word.
   */
  boolean holds(Position since, long offset) {
    return since.offset() <= offset
        && (since.epoch().equals(head.epoch()) || head.continues(since));
  }

  /** Whether the position is gone whatever the log says by now: an older epoch ended before it. */
  boolean excludes(Position since) {
    return head.excludes(since);
  }
}
