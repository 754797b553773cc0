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

  /** A frame that waits, and how many bytes it was. */
  record Deferred(ClientFrame frame, int bytes) {}

  /**
   * A join that is under way, of a new room or anew of a known one.
   *
   * @param leaving why the room is to be left as soon as the join is decided, null if it is not
   */
  private record Join(@Nullable String leaving) {
    static final Join STAYING = new Join(null);
  }

  private final Map<RoomName, Membership> memberships = new HashMap<>(4);
  private final Map<RoomName, Join> joins = new HashMap<>(0);
  private final Map<RoomName, ArrayDeque<Deferred>> deferred = new HashMap<>(0);
  private int waiting;
  private long emptySince = System.nanoTime();

  int size() {
    return memberships.size();
  }

  boolean has(RoomName room) {
    return memberships.containsKey(room);
  }

  /** Null if it is neither in the room nor about to be. */
  @Nullable Membership get(RoomName room) {
    return memberships.get(room);
  }

  /** When the last room was left, by {@link System#nanoTime}. */
  long emptySince() {
    return emptySince;
  }

  /** Whether a join is under way. */
  boolean isJoining() {
    return !joins.isEmpty();
  }

  /** Whether a join of the room is under way, for which frames have to wait. */
  boolean isJoining(RoomName room) {
    return joins.containsKey(room);
  }

  /** Whether a join of the room has succeeded. */
  boolean isJoined(RoomName room) {
    Membership membership = memberships.get(room);
    return membership != null && membership.isJoined();
  }

  /** The rooms whose join has succeeded. */
  List<RoomName> joined() {
    return memberships.values().stream()
        .filter(Membership::isJoined)
        .map(Membership::room)
        .toList();
  }

  /** How many frames wait, for all rooms. */
  int waiting() {
    return waiting;
  }

  /** Keeps the frame until the join of its room that is under way is decided. */
  void defer(RoomName room, Deferred frame) {
    deferred.computeIfAbsent(room, first -> new ArrayDeque<>()).add(frame);
    waiting++;
  }

  /** A join begins, of a new room or anew of a known one. */
  Membership join(RoomName room, Supplier<Membership> membership) {
    joins.putIfAbsent(room, Join.STAYING);
    return memberships.computeIfAbsent(room, absent -> membership.get());
  }

  /** If a join is under way, the room is left when it is decided; false if none is. */
  boolean leaveLater(RoomName room, String reason) {
    return joins.replace(room, new Join(reason)) != null;
  }

  /**
   * The join is decided, and what waited for it may go on with {@link #next}.
   *
   * @return why the room is to be left now, null if it is not
   */
  @Nullable String decided(RoomName room) {
    Join join = joins.remove(room);
    return join == null ? null : join.leaving();
  }

  /** The membership that ends; null if there is none. */
  @Nullable Membership leave(RoomName room) {
    Membership membership = memberships.remove(room);
    if (memberships.isEmpty()) {
      emptySince = System.nanoTime();
    }
    return membership;
  }

  /** Leaves all rooms, and drops what waits for them. */
  void clear(Consumer<Membership> each, Consumer<Deferred> dropped) {
    memberships.values().forEach(each);
    memberships.clear();
    joins.clear();
    deferred.values().forEach(frames -> frames.forEach(dropped));
    deferred.clear();
    waiting = 0;
  }

  /**
   * The next frame that waited for the room; null if none does, or if it waits for another join.
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
