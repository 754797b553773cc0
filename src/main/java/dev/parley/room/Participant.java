package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.budget.Account;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import org.jspecify.annotations.Nullable;

/** A connection as rooms see it. Called on the connection's lane, that of its {@link #outbound}. */
public interface Participant {

  /** Unique on this instance, never 0. */
  long id();

  Identity identity();

  String displayName();

  /** Who answers for what is held on its behalf. */
  Account account();

  ProtocolMode mode();

  Outbound outbound();

  /** The room is joined, or taken up at another position; what the room sends follows. */
  void joined(ServerFrame.Joined joined);

  /**
   * The room could not be joined.
   *
   * @param retryAfterMs null if nobody knows when it can be
   */
  void refused(RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs);

  /**
   * Leaves the room by an operator's word, and is told why; false if it is not in the room.
   *
   * @param reason one of those of {@link ServerFrame.Left}
   */
  boolean forceLeave(RoomName room, String reason);

  /** Messages were lost, and this mode cannot be told in a frame: the connection has to end. */
  void lost(RoomName room);
}
