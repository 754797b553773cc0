package dev.parley.room;

import dev.parley.protocol.RoomName;
import org.jspecify.annotations.Nullable;

/**
 * One participant in one room, from its wish to join until it left. Given to {@link Rooms#join} and
 * back to {@link Rooms#leave}. Owned by the participant's lane, but for what says otherwise.
 */
public final class Membership {

  enum State {
    /** Has asked to join, and has not been told {@code joined}. */
    JOINING,
    /** Was told {@code joined}; the log is replayed, and live events pass it by. */
    CATCHING_UP,
    /** Is sent every event as it comes. */
    LIVE,
    /** Left, or is gone: for good. Whatever is still on its way here is dropped. */
    LEFT
  }

  private final Participant participant;
  private final RoomName room;

  /** Changed by the participant's lane; the room's home lane reads it too. */
  private volatile State state = State.JOINING;

  /** Null until the room has let it in. */
  @Nullable LaneMembers local;

  /** Its index among the members of its lane, -1 while it is not among them. */
  int index = -1;

  /** Not null while the log is replayed, be it at the first join or at a later one. */
  @Nullable CatchUp catchUp;

  /** Counted among the room's members. Owned by the room's home lane. */
  boolean counted;

  /** Its {@code joined} has read marks. Set before it joins. */
  boolean receipts;

  public Membership(Participant participant, RoomName room) {
    this.participant = participant;
    this.room = room;
  }

  public RoomName room() {
    return room;
  }

  /** Whether the participant was told that it is in the room, and has not left. */
  public boolean isJoined() {
    State now = state;
    return now == State.CATCHING_UP || now == State.LIVE;
  }

  Participant participant() {
    return participant;
  }

  State state() {
    return state;
  }

  boolean isLive() {
    return state == State.LIVE;
  }

  boolean hasLeft() {
    return state == State.LEFT;
  }

  /** The replay begins; at a first join it is announced later. */
  void catchUp(CatchUp with) {
    catchUp = with;
    if (state == State.LIVE) {
      state = State.CATCHING_UP;
    }
  }

  /** The participant is told that it has joined. */
  void joined() {
    state = State.CATCHING_UP;
  }

  /** The replay is over; if it was not announced, the join has failed. */
  void caughtUp() {
    catchUp = null;
    if (state == State.CATCHING_UP) {
      state = State.LIVE;
    }
  }

  void left() {
    state = State.LEFT;
  }
}
