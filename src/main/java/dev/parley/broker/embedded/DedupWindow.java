package dev.parley.broker.embedded;

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

  /** When the current period ends. */
  private long end;

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
   * Remembers an id that is not here; false if there is no memory for another one of the account.
   */
  boolean put(IdHash id, String account, Accepted accepted, long now) {
    rotate(now);
    long more = IdTable.BYTES_PER_ID + (current == null ? foundingBytes : 0);
    IdOwner owner = memory.take(account, more);
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

  /**
   * Begins the next period when it is due. What time has passed is what the clock says; where it
   * was set back, the current period begins again, so that ids live a whole one at least.
   */
  void rotate(long now) {
    if (now < end - PERIOD_MS) {
      end = now + PERIOD_MS;
    } else if (now >= end) {
      boolean next = now < end + PERIOD_MS;
      forget(previous);
      previous = current;
      current = null;
      if (!next) {
        forget(previous);
        previous = null;
      }
      end = next ? end + PERIOD_MS : now + PERIOD_MS;
    }
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
