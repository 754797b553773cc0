package dev.parley.broker;

import dev.parley.protocol.UserId;
import org.jspecify.annotations.Nullable;

/**
 * The ids that a room has accepted lately: two tables, one for the current period of five minutes
 * and one for that before it, so an id is remembered for 5 to 10 minutes. Guarded by the room's
 * lock.
 */
final class DedupWindow {
  static final long PERIOD_MS = 300_000;

  /** What was answered when the id was accepted. */
  record Accepted(long offset, long timestamp, int contentHash) {}

  private final IdMemory memory;
  private final long foundingBytes;
  private long period;
  private @Nullable IdTable current;
  private @Nullable IdTable previous;

  /**
   * @param foundingBytes what the first id of a period keeps in memory, beside its own bytes: the
   *     table and the room
   */
  DedupWindow(IdMemory memory, long foundingBytes) {
    this.memory = memory;
    this.foundingBytes = foundingBytes;
  }

  /** What the ids hold, in bytes. */
  long bytes() {
    return bytes(current) + bytes(previous);
  }

  @Nullable Accepted find(IdHash id, long now) {
    rotate(now);
    Accepted found = current == null ? null : current.find(id);
    return found != null || previous == null ? found : previous.find(id);
  }

  /**
   * Remembers an id that is not here; false where there is no memory for another one of the user.
   */
  boolean put(IdHash id, UserId user, Accepted accepted, long now) {
    rotate(now);
    long more = IdTable.BYTES_PER_ID + (current == null ? foundingBytes : 0);
    IdOwner owner = memory.take(user, more);
    if (owner == null) {
      return false;
    }
    IdTable table = current;
    if (table == null) {
      table = new IdTable(owner, foundingBytes);
      current = table;
    }
    table.add(id, accepted, owner);
    return true;
  }

  void rotate(long now) {
    long due = Math.floorDiv(now, PERIOD_MS);
    // A clock that steps back over the edge of a period must not forget what was just accepted.
    if (due == period || due == period - 1) {
      return;
    }
    forget(previous);
    previous = current;
    current = null;
    if (due != period + 1) {
      forget(previous);
      previous = null;
    }
    period = due;
  }

  void clear() {
    forget(current);
    forget(previous);
    current = null;
    previous = null;
  }

  private void forget(@Nullable IdTable table) {
    if (table != null) {
      memory.give(table);
    }
  }

  private static long bytes(@Nullable IdTable table) {
    return table == null ? 0 : table.bytes();
  }
}
