package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.protocol.UserId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Tells Redis whom this instance has in a room, until it is told: a change waits out an outage, and
 * of several only the last one counts. One script a user is in flight. Belongs to the home
 * executor.
 */
final class Presence {
  private static final byte[] NOTHING = {};

  private final RoomKeys keys;
  private final Executor home;
  private final CommandConnection commands;
  private final byte[] incarnation;

  /** Who is in the room here, with the names. */
  private final Map<UserId, byte[]> present = new HashMap<>();

  /** Users of whom a script is in flight, with what it says: a name, or nothing for an exit. */
  private final Map<UserId, byte[]> telling = new HashMap<>();

  Presence(RoomKeys keys, Executor home, CommandConnection commands, long incarnation) {
    this.keys = keys;
    this.home = home;
    this.commands = commands;
    this.incarnation = Long.toHexString(incarnation).getBytes(US_ASCII);
  }

  void enter(UserId user, String username) {
    if (present.putIfAbsent(user, Payload.name(username)) == null) {
      tell(user);
    }
  }

  void exit(UserId user) {
    if (present.remove(user) != null) {
      tell(user);
    }
  }

  /** Redis may have lost who is here. */
  void again() {
    present.keySet().forEach(this::tell);
  }

  boolean isTelling() {
    return !telling.isEmpty();
  }

  private void tell(UserId user) {
    if (telling.containsKey(user)) {
      return;
    }
    byte[] name = present.get(user);
    telling.put(user, name == null ? NOTHING : name);
    commands.run(
        ScriptCall.untilAnswered(
            name == null ? Script.EXIT : Script.ENTER,
            keys.ofPresence(),
            new byte[][] {
              user.value().getBytes(US_ASCII),
              incarnation,
              PrimaryState.ascii(System.currentTimeMillis()),
              keys.idle(),
              keys.channel().getBytes(US_ASCII),
              name == null ? NOTHING : name
            },
            home,
            reply -> told(user, name)));
  }

  private void told(UserId user, byte @Nullable [] name) {
    telling.remove(user);
    byte[] now = present.get(user);
    if ((now == null) != (name == null)) {
      tell(user);
    }
  }
}
