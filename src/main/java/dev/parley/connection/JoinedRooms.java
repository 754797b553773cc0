package dev.parley.connection;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.RoomName;
import dev.parley.room.Membership;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that a connection is in or about to be in. While a join is under way, the frames for
 * that room that follow it wait here, so that they take effect in the order sent. Owned by the
 * connection's lane.
 */
final class JoinedRooms {

  private static final class Seat {
    private final Membership membership;
    private boolean joining;
    private boolean joined;

    /** Why its taker is to go as soon as the join is decided. */
    private @Nullable String expelled;

    Seat(Membership membership) {
      this.membership = membership;
    }
  }

  private final Map<RoomName, Seat> byName = new HashMap<>(4);

  /** A frame that waits, and how many bytes it was. */
  record Deferred(ClientFrame frame, int bytes) {}

  private final Map<RoomName, ArrayDeque<Deferred>> deferred = new HashMap<>(0);
  private int waiting;
  private int joining;
  private long emptySince = System.nanoTime();

  int size() {
    return byName.size();
  }

  boolean has(RoomName room) {
    return byName.containsKey(room);
  }

  /** When the last room was left, by {@link System#nanoTime}. */
  long emptySince() {
    return emptySince;
  }

  /** Whether a join is under way. */
  boolean isJoining() {
    return joining > 0;
  }

  /** How many frames wait, for all rooms. */
  int waiting() {
    return waiting;
  }

  /** Whether a join of the room is under way, for which frames have to wait. */
  boolean isJoining(RoomName room) {
    Seat seat = byName.get(room);
    return seat != null && seat.joining;
  }

  /** Keeps the frame until the join of its room that is under way is decided. */
  void defer(RoomName room, Deferred frame) {
    deferred.computeIfAbsent(room, first -> new ArrayDeque<>()).add(frame);
    waiting++;
  }

  /** A join begins, of a new room or anew of a known one. */
  Membership join(RoomName room, Supplier<Membership> membership) {
    Seat seat = byName.computeIfAbsent(room, absent -> new Seat(membership.get()));
    if (!seat.joining) {
      seat.joining = true;
      joining++;
    }
    return seat.membership;
  }

  /** The room answered the join; frames that wait go on with {@link #next}. */
  void joined(RoomName room) {
    Seat seat = byName.get(room);
    if (seat != null) {
      seat.joined = true;
    }
  }

  /** Whether a join of the room has succeeded before. */
  boolean isJoined(RoomName room) {
    Seat seat = byName.get(room);
    return seat != null && seat.joined;
  }

  /** The rooms whose join has succeeded. */
  List<RoomName> joined() {
    return byName.entrySet().stream()
        .filter(seat -> seat.getValue().joined)
        .map(Map.Entry::getKey)
        .toList();
  }

  boolean isIn(RoomName room) {
    Seat seat = byName.get(room);
    return seat != null && seat.joined;
  }

  /** Where a join is under way, notes that its outcome is to be undone; false where none is. */
  boolean expelsLater(RoomName room, String reason) {
    Seat seat = byName.get(room);
    if (seat == null || !seat.joining) {
      return false;
    }
    seat.expelled = reason;
    return true;
  }

  /** Why the taker of this seat is to go by now, null where it may stay. */
  @Nullable String expelled(RoomName room) {
    Seat seat = byName.get(room);
    return seat == null || seat.joining ? null : seat.expelled;
  }

  /** Null where it is not in. */
  @Nullable Membership leave(RoomName room) {
    Seat seat = byName.remove(room);
    if (byName.isEmpty()) {
      emptySince = System.nanoTime();
    }
    if (seat == null) {
      return null;
    }
    decided(seat);
    return seat.membership;
  }

  /** Gives up all rooms, and what waits for them. */
  void clear(Consumer<Membership> each, Consumer<Deferred> dropped) {
    byName.values().forEach(seat -> each.accept(seat.membership));
    byName.clear();
    joining = 0;
    deferred.values().forEach(frames -> frames.forEach(dropped));
    deferred.clear();
    waiting = 0;
  }

  /** The join is decided, and what waited for it may go on. */
  void decided(RoomName room) {
    Seat seat = byName.get(room);
    if (seat != null) {
      decided(seat);
    }
  }

  private void decided(Seat seat) {
    if (seat.joining) {
      seat.joining = false;
      joining--;
    }
  }

  /**
   * The next frame that waited for the room; null where none does, or where it waits for another
   * join.
   */
  @Nullable Deferred next(RoomName room) {
    ArrayDeque<Deferred> frames = deferred.get(room);
    if (frames == null || isJoining(room)) {
      return null;
    }
    Deferred frame = frames.remove();
    waiting--;
    if (frames.isEmpty()) {
      deferred.remove(room);
    }
    return frame;
  }
}
