package dev.parley.broker.embedded;

import dev.parley.broker.PresenceChange;
import dev.parley.broker.Present;
import dev.parley.protocol.UserId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a room of the embedded broker, and which instances have them there. Guarded by the
 * room's lock.
 */
final class RoomUsers {
  /** Above this many users members are no longer announced one by one … */
  static final int LARGE_ABOVE = 1_000;

  /** … and below this many they are again. */
  static final int SMALL_BELOW = 800;

  private static final Comparator<UserId> BY_ID = Comparator.comparing(UserId::value);

  /**
   * A user's objects beside the characters of its names: 350 bytes of heap were measured for the
   * only one of a room, map included, 50 less for each further one.
   */
  private static final int USER_BYTES = 300;

  private record There(String username, long since, long[] incarnations) {}

  private Map<UserId, There> users = Map.of();
  private long bytes;
  private long version;
  private boolean large;

  int members() {
    return users.size();
  }

  long version() {
    return version;
  }

  boolean large() {
    return large;
  }

  /** What the users' entries hold, in bytes. */
  long bytes() {
    return bytes;
  }

  /** The change to announce, null where another instance or an earlier call had the user there. */
  @Nullable PresenceChange enter(UserId user, String username, long incarnation, long now) {
    There there = users.get(user);
    if (there != null) {
      if (!has(there, incarnation)) {
        put(user, there, LongStream.concat(incarnations(there), LongStream.of(incarnation)));
      }
      return null;
    }
    if (users.isEmpty()) {
      users = new HashMap<>(2);
    }
    users.put(user, new There(username, now, new long[] {incarnation}));
    bytes += bytes(user, username);
    return changed(user, username, true, now);
  }

  /** The change to announce, null where the user is still there by another instance, or was not. */
  @Nullable PresenceChange exit(UserId user, long incarnation, long now) {
    There there = users.get(user);
    if (there == null || !has(there, incarnation)) {
      return null;
    }
    if (there.incarnations.length > 1) {
      put(user, there, incarnations(there).filter(each -> each != incarnation));
      return null;
    }
    users.remove(user);
    bytes -= bytes(user, there.username);
    if (users.isEmpty()) {
      // A map does not shrink by itself.
      users = Map.of();
    }
    return changed(user, there.username, false, now);
  }

  private void put(UserId user, There there, LongStream incarnations) {
    users.put(user, new There(there.username, there.since, incarnations.toArray()));
  }

  private static LongStream incarnations(There there) {
    return LongStream.of(there.incarnations);
  }

  private static boolean has(There there, long incarnation) {
    return incarnations(there).anyMatch(each -> each == incarnation);
  }

  private static long bytes(UserId user, String username) {
    return (long) USER_BYTES + user.value().length() + 2L * username.length();
  }

  boolean has(UserId user) {
    return users.containsKey(user);
  }

  /** The first of them by id behind this one. */
  List<Present> present(@Nullable UserId after, int limit) {
    return users.entrySet().stream()
        .filter(entry -> after == null || BY_ID.compare(entry.getKey(), after) > 0)
        .sorted(Map.Entry.comparingByKey(BY_ID))
        .limit(limit)
        .map(entry -> {
          There there = entry.getValue();
          return new Present(
              entry.getKey(), there.username, there.since, there.incarnations.length);
        })
        .toList();
  }

  private PresenceChange changed(UserId user, String username, boolean joined, long now) {
    version++;
    int members = users.size();
    large = members > LARGE_ABOVE || (large && members >= SMALL_BELOW);
    return new PresenceChange(user, username, joined, now, members, version, large);
  }
}
