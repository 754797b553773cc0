package dev.parley.room;

import dev.parley.protocol.RoomName;
import org.jspecify.annotations.Nullable;

/**
 * One participant in one room, from its wish to join until it left. Given to {@link Rooms#join} and
 * back to {@link Rooms#leave}; everything in it is the rooms' own.
 */
public final class Membership {
  private final Participant participant;
  private final RoomName room;

  /**
   * Where this stands among the members of its lane, -1 while it is not among them. Owned by the
   * member's lane.
   */
  int index = -1;

  /** Null until the room has let it in. Owned by the member's lane. */
  @Nullable LaneMembers local;

  /** Not null until live messages may follow. Owned by the member's lane. */
  @Nullable CatchUp catchUp;

  /**
   * The participant left or is gone: whatever is still on its way here is dropped. Owned by the
   * member's lane.
   */
  boolean left;

  /** Was told that it is in. Owned by the member's lane. */
  boolean joined;

  /** Counted among the room's members. Owned by the room's home lane. */
  boolean admitted;

  /** Left before it was admitted. Owned by the room's home lane. */
  boolean cancelled;

  public Membership(Participant participant, RoomName room) {
    this.participant = participant;
    this.room = room;
  }

  public RoomName room() {
    return room;
  }

  Participant participant() {
    return participant;
  }
}
