package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import java.util.List;

/**
 * Where a room's log ends, and which older epochs it continues.
 *
 * @param offset of the newest message; 0 if there was none yet
 * @param lineage ends of older epochs, newest first: a position at or below one of them is still
 *     good
 * @param members distinct users in the room, on all instances
 * @param presenceVersion of the newest change that {@code members} contains
 * @param large whether the room is above the size up to which members are announced one by one
 * @param deleted offsets of messages that were deleted, the newest 1,000 of those
 */
public record Head(
    Epoch epoch,
    long offset,
    List<Position> lineage,
    int members,
    long presenceVersion,
    boolean large,
    List<Long> deleted)
    implements Outcome<Head> {
  public static final int MOST_DELETED = 1_000;

  /**
   * Whether everything up to {@code position} is still what the log says, so that it can be
   * continued from there.
   */
  public boolean continues(Position position) {
    if (position.epoch().equals(epoch)) {
      return position.offset() <= offset;
    }
    for (Position end : lineage) {
      if (position.epoch().equals(end.epoch())) {
        return position.offset() <= end.offset();
      }
    }
    return false;
  }

  /** Whether {@code position} is of an older epoch, and behind where that ended: for good. */
  public boolean excludes(Position position) {
    return lineage.stream()
        .anyMatch(end -> position.epoch().equals(end.epoch()) && position.offset() > end.offset());
  }
}
