package dev.parley.broker;

import dev.parley.protocol.UserId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private record There(String username, long since, Set<Long> incarnations) {}

  private final Map<UserId, There> users = new HashMap<>();
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

  /** The change to announce, null where another instance or an earlier call had the user there. */
  @Nullable PresenceChange enter(UserId user, String username, long incarnation, long now) {
    There there = users.get(user);
    if (there != null) {
      there.incarnations.add(incarnation);
      return null;
    }
    users.put(user, new There(username, now, new HashSet<>(Set.of(incarnation))));
    return changed(user, username, true, now);
  }

  /** The change to announce, null where the user is still there by another instance, or was not. */
  @Nullable PresenceChange exit(UserId user, long incarnation, long now) {
    There there = users.get(user);
    if (there == null || !there.incarnations.remove(incarnation) || !there.incarnations.isEmpty()) {
      return null;
    }
    users.remove(user);
    return changed(user, there.username, false, now);
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
              entry.getKey(), there.username, there.since, there.incarnations.size());
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
