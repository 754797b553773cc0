package dev.parley.room;

import dev.parley.broker.Head;
import dev.parley.broker.PresenceChange;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;

/**
 * How many distinct users the room has on all instances, as far as members were told. Owned by the
 * room's home lane.
 */
final class RoomSize {
  private int users;
  private long version;

  int users() {
    return users;
  }

  /** Of the newest change of presence that is counted. */
  long version() {
    return version;
  }

  void is(Head head) {
    users = head.members();
    version = head.presenceVersion();
  }

  void is(PresenceChange change) {
    users = change.members();
    version = change.version();
  }

  RoomEvent notice(RoomName room) {
    return RoomEvent.notice(new ServerFrame.Members(room, users, version));
  }
}
