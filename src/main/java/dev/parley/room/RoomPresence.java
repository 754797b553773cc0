package dev.parley.room;

import dev.parley.access.RoomPolicy;
import dev.parley.broker.Head;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.UserPresence;
import dev.parley.delivery.Lane;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Which users have connections in the room on this instance, and what members are told of users
 * coming and going. Entering and leaving are announced by the broker, to every instance in one
 * order. Owned by the room's home lane.
 *
 * <p>In a large room, and if the policy says so, members are told its size at most once a second in
 * place of every single change.
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

  private final RoomHome home;
  private final RoomSize size;
  private final Consumer<RoomEvent> members;
  private final RoomPolicy policy;
  private final Duration grace;
  private final BooleanSupplier keepsAbsent;
  private final Map<UserId, LocalUser> users = new HashMap<>();
  private boolean membersPending;

  /**
   * @param members are told who enters and leaves
   * @param keepsAbsent whether who is gone stays until {@link #exitAll}, whatever the grace time
   */
  RoomPresence(
      RoomHome home,
      RoomSize size,
      Consumer<RoomEvent> members,
      RoomPolicy policy,
      Duration grace,
      BooleanSupplier keepsAbsent) {
    this.home = home;
    this.size = size;
    this.members = members;
    this.policy = policy;
    this.grace = grace;
    this.keepsAbsent = keepsAbsent;
  }

  void opened(Head head) {
    size.is(head);
  }

  /** Distinct users in the room, on all instances, as far as members were told. */
  int count() {
    return size.users();
  }

  boolean hasUsers() {
    return !users.isEmpty();
  }

  /**
   * Runs one of the two, perhaps later: the policy admits the user to the room, or not. Users who
   * join on several instances at the same moment may be more than the policy allows.
   */
  void ifFits(UserId user, Runnable fits, Consumer<Refused<?>> refused) {
    int most = policy.maxMembers();
    if (users.containsKey(user) || Math.max(count(), users.size()) < most) {
      fits.run();
      return;
    }
    // A second tab, or one that comes back within the grace time, may be on this instance first.
    home.channel()
        .isPresent(
            user,
            outcome -> {
              switch (outcome) {
                case UserPresence.PRESENT -> fits.run();
                case UserPresence.ABSENT -> refused.accept(new Refused<>(ErrorCode.ROOM_FULL));
                case Refused<UserPresence> unknown -> refused.accept(unknown);
              }
            });
  }

  void enter(UserId user, String username) {
    LocalUser local = users.get(user);
    if (local == null) {
      local = new LocalUser();
      users.put(user, local);
      home.channel().enter(user, username);
    }
    local.connections++;
  }

  void exit(UserId user, boolean ended) {
    LocalUser local = users.get(user);
    if (local == null || --local.connections > 0) {
      return;
    }
    int departure = ++local.departures;
    if (!ended || (grace.isZero() && !keepsAbsent.getAsBoolean())) {
      remove(user);
      return;
    }
    home.lane()
        .schedule(
            () -> {
              if (users.get(user) == local
                  && !keepsAbsent.getAsBoolean()
                  && local.connections == 0
                  && local.departures == departure) {
                remove(user);
              }
            },
            grace);
  }

  /** Nobody is here any more: the instance is drained. */
  void exitAll() {
    users.keySet().forEach(user -> Lane.attempt(() -> home.channel().exit(user)));
    users.clear();
  }

  void changed(PresenceChange change) {
    size.is(change);
    if (change.large() || !policy.presenceEvents()) {
      tellMembersSoon();
    } else if (change.joined()) {
      members.accept(
          RoomEvent.presence(
              new ServerFrame.UserJoined(
                  home.name(),
                  change.user(),
                  change.username(),
                  change.timestamp(),
                  change.version())));
    } else {
      members.accept(
          RoomEvent.presence(
              new ServerFrame.UserLeft(
                  home.name(),
                  change.user(),
                  change.username(),
                  change.timestamp(),
                  change.version())));
    }
  }

  /** The bus was interrupted: who came and went meanwhile is not known one by one. */
  void resynchronise(Head head) {
    if (head.presenceVersion() != size.version()) {
      size.is(head);
      tellSize();
    }
  }

  private void tellSize() {
    members.accept(size.notice(home.name()));
  }

  private void remove(UserId user) {
    users.remove(user);
    home.channel().exit(user);
  }

  private void tellMembersSoon() {
    if (membersPending) {
      return;
    }
    membersPending = true;
    home.lane()
        .schedule(
            () -> {
              membersPending = false;
              tellSize();
            },
            MEMBERS_INTERVAL);
  }
}
