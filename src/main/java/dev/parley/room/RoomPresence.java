package dev.parley.room;

import dev.parley.broker.Head;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.RoomChannel;
import dev.parley.delivery.Lane;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Which users have connections in the room on this instance, and what members are told of users
 * coming and going. Entering and leaving are announced by the broker, to every instance in one
 * order. Owned by the room's home lane.
 *
 * <p>In a large room members are told its size at most once a second in place of every single
 * change.
 */
final class RoomPresence {
  private static final Duration MEMBERS_INTERVAL = Duration.ofSeconds(1);

  private static final class LocalUser {
    private int connections;

    /**
     * Counts the times the user left altogether, so that an expired grace time knows whether it is
     * meant.
     */
    private int departures;
  }

  private final Room room;
  private final RoomChannel channel;
  private final Duration grace;
  private final BooleanSupplier keepsAbsent;
  private final Map<UserId, LocalUser> users = new HashMap<>();
  private int count;
  private long version;
  private boolean membersPending;

  /**
   * @param keepsAbsent whether who is gone stays until {@link #exitAll}, whatever the grace time
   */
  RoomPresence(Room room, RoomChannel channel, Duration grace, BooleanSupplier keepsAbsent) {
    this.room = room;
    this.channel = channel;
    this.grace = grace;
    this.keepsAbsent = keepsAbsent;
  }

  void opened(Head head) {
    count = head.members();
    version = head.presenceVersion();
  }

  /** Distinct users in the room, on all instances, as far as members were told. */
  int count() {
    return count;
  }

  boolean hasUsers() {
    return !users.isEmpty();
  }

  void entered(UserId user, String username) {
    LocalUser local = users.get(user);
    if (local == null) {
      local = new LocalUser();
      users.put(user, local);
      channel.enter(user, username);
    }
    local.connections++;
  }

  void left(UserId user, boolean ended) {
    LocalUser local = users.get(user);
    if (local == null || --local.connections > 0) {
      return;
    }
    int departure = ++local.departures;
    if (!ended || (grace.isZero() && !keepsAbsent.getAsBoolean())) {
      exit(user);
      return;
    }
    room.lane()
        .schedule(
            () -> {
              if (users.get(user) == local
                  && !keepsAbsent.getAsBoolean()
                  && local.connections == 0
                  && local.departures == departure) {
                exit(user);
              }
            },
            grace);
  }

  /** Nobody is here any more: the instance is drained. */
  void exitAll() {
    users.keySet().forEach(user -> Lane.attempt(() -> channel.exit(user)));
    users.clear();
  }

  void changed(PresenceChange change) {
    count = change.members();
    version = change.version();
    if (change.large()) {
      tellMembersSoon();
    } else if (change.joined()) {
      room.tell(
          RoomEvent.presence(
              new ServerFrame.UserJoined(
                  room.name(),
                  change.user(),
                  change.username(),
                  change.timestamp(),
                  change.version())));
    } else {
      room.tell(
          RoomEvent.presence(
              new ServerFrame.UserLeft(
                  room.name(),
                  change.user(),
                  change.username(),
                  change.timestamp(),
                  change.version())));
    }
  }

  /** The bus was interrupted: who came and went meanwhile is not known one by one. */
  void resynchronise(Head head) {
    if (head.presenceVersion() != version) {
      opened(head);
      room.tell(members());
    }
  }

  RoomEvent members() {
    return RoomEvent.notice(new ServerFrame.Members(room.name(), count, version));
  }

  private void exit(UserId user) {
    users.remove(user);
    channel.exit(user);
  }

  private void tellMembersSoon() {
    if (membersPending) {
      return;
    }
    membersPending = true;
    room.lane()
        .schedule(
            () -> {
              membersPending = false;
              room.tell(members());
            },
            MEMBERS_INTERVAL);
  }
}
