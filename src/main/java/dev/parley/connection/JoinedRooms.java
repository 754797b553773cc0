package dev.parley.connection;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Joining;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that a connection is in or about to be in: joins and leaves them, at its client's
 * request and at an operator's, and counts them against the limits. Owned by the connection's lane.
 */
final class JoinedRooms {
  /** About what being in a room takes on the heap, here and there. */
  static final int MEMBERSHIP_BYTES = 400;

  private final Participant participant;
  private final FrameSettings settings;
  private final FrameSender sender;
  private final Map<RoomName, Membership> memberships = new HashMap<>(4);
  private final Map<RoomName, Join> joins = new HashMap<>(0);
  private long emptySince = System.nanoTime();

  /**
   * A join that is under way, of a new room or anew of a known one.
   *
   * @param leaving why the room is to be left as soon as the join is decided, null if it is not
   */
  private record Join(@Nullable String leaving) {
    static final Join STAYING = new Join(null);
  }

  /**
   * @param participant who is in the rooms
   */
  JoinedRooms(Participant participant, FrameSettings settings, FrameSender sender) {
    this.participant = participant;
    this.settings = settings;
    this.sender = sender;
  }

  boolean isEmpty() {
    return memberships.isEmpty();
  }

  /** When the last room was left, by {@link System#nanoTime}. */
  long emptySince() {
    return emptySince;
  }

  /** Null if it is neither in the room nor about to be. */
  @Nullable Membership get(RoomName room) {
    return memberships.get(room);
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

  /** The rooms whose join has succeeded, in order of their names. */
  List<RoomName> joined() {
    return memberships.values().stream()
        .filter(Membership::isJoined)
        .map(Membership::room)
        .sorted(Comparator.comparing(RoomName::value))
        .toList();
  }

  /**
   * Whether it may join the room: it is in it already, or may be in one more. If so, the room
   * counts from now on, and {@link #join} must follow.
   */
  boolean tryReserve(RoomName room) {
    return memberships.containsKey(room)
        || (memberships.size() < settings.maxRooms()
            && settings.memberships().tryTake(participant.account(), MEMBERSHIP_BYTES));
  }

  /**
   * Begins to join a room that was {@linkplain #tryReserve reserved}. The participant is told how
   * it ends, unless it is refused here.
   */
  @Nullable ErrorCode join(RoomName room, Joining joining) {
    return settings.rooms().join(begin(room), joining);
  }

  /** Begins to join by an operator's word; false if it cannot, or is in the room already. */
  boolean forceJoin(RoomName room) {
    if (memberships.containsKey(room) || !tryReserve(room)) {
      return false;
    }
    settings.rooms().forceJoin(begin(room), Joining.FORCED);
    return true;
  }

  private Membership begin(RoomName room) {
    joins.putIfAbsent(room, Join.STAYING);
    return memberships.computeIfAbsent(room, absent -> new Membership(participant, room));
  }

  /** The join is refused: tells the client, and whether it has left the room by that. */
  void refused(RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    sender.send(new ServerFrame.Failure(ref, null, room, code, null, retryAfterMs));
    boolean wasIn = isJoined(room);
    // Refused anew, a member stays one; let down by the broker, it may have missed something.
    if (!wasIn || code != ErrorCode.FORBIDDEN) {
      leave(room);
      if (wasIn) {
        sender.left(room, ServerFrame.Left.CLOSED);
      }
    }
  }

  /**
   * The join is decided: frames of the room need not wait any more. The room is left if that was
   * wanted meanwhile.
   */
  void decided(RoomName room) {
    Join join = joins.remove(room);
    if (join != null && join.leaving() != null) {
      leave(room, join.leaving());
    }
  }

  /** Leaves the room without a word; false if it is neither in it nor about to be. */
  boolean leave(RoomName room) {
    Membership membership = memberships.remove(room);
    if (memberships.isEmpty()) {
      emptySince = System.nanoTime();
    }
    if (membership == null) {
      return false;
    }
    settings.memberships().give(participant.account(), MEMBERSHIP_BYTES);
    settings.rooms().leave(membership, false);
    return true;
  }

  /**
   * Leaves the room by an operator's word, once a join that is under way is decided. The client is
   * told why. False if it is not in the room.
   */
  boolean forceLeave(RoomName room, String reason) {
    if (!memberships.containsKey(room)) {
      return false;
    }
    if (joins.replace(room, new Join(reason)) == null) {
      leave(room, reason);
    }
    return true;
  }

  private void leave(RoomName room, String reason) {
    if (leave(room)) {
      sender.left(room, reason);
    }
  }

  /** The connection has ended: leaves all rooms without a word. */
  void leaveAll() {
    settings
        .memberships()
        .give(participant.account(), (long) memberships.size() * MEMBERSHIP_BYTES);
    memberships.values().forEach(membership -> settings.rooms().leave(membership, true));
    memberships.clear();
    joins.clear();
  }
}
