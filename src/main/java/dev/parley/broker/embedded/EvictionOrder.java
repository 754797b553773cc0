package dev.parley.broker.embedded;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Which of the embedded rooms loses something first when all of them hold too much: one that is
 * nothing but its name, then that with the largest log. Sizes are told apart by powers of two, and
 * among those of one size the turn goes round, the one that grew to it first at the head: so a room
 * that floods loses its own history and not that of the others, and of many that have one message
 * each the oldest goes first. Its monitor guards it, and is taken last.
 */
final class EvictionOrder {
  /** Nothing can be taken from the room. */
  static final int NOWHERE = -1;

  /** The room is nothing but its name, and a position that its next message goes on from. */
  static final int VACANT = 0;

  private final List<SequencedSet<RoomState>> places = new ArrayList<>();

  EvictionOrder() {
    for (int place = VACANT; place <= Long.SIZE; place++) {
      places.add(new LinkedHashSet<>());
    }
  }

  /**
   * The place for a log of so many bytes. From a higher place a room only comes down once it is a
   * quarter below it, so that one whose size wavers does not move with every message.
   */
  static int place(long bytes, int current) {
    int place = Long.SIZE - Long.numberOfLeadingZeros(bytes);
    boolean wavers = place == current - 1 && bytes >= (1L << place) / 4 * 3;
    return wavers ? current : place;
  }

  synchronized void move(RoomState room, int from, int to) {
    if (from != NOWHERE) {
      places.get(from).remove(room);
    }
    if (to != NOWHERE) {
      places.get(to).add(room);
    }
  }

  /** The room that is next, which then is the last of its size; null if no room has anything. */
  synchronized @Nullable RoomState next() {
    if (!places.getFirst().isEmpty()) {
      return turn(places.getFirst());
    }
    for (SequencedSet<RoomState> rooms : places.reversed()) {
      if (!rooms.isEmpty()) {
        return turn(rooms);
      }
    }
    return null;
  }

  private static RoomState turn(SequencedSet<RoomState> rooms) {
    RoomState first = rooms.removeFirst();
    rooms.addLast(first);
    return first;
  }
}
