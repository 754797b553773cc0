package dev.parley.broker;

import dev.parley.protocol.UserId;
import java.util.HashMap;
import java.util.HashSet;
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

  private record Present(String username, Set<Long> incarnations) {}

  private final Map<UserId, Present> users = new HashMap<>();
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
    Present present = users.get(user);
    if (present != null) {
      present.incarnations.add(incarnation);
      return null;
    }
    users.put(user, new Present(username, new HashSet<>(Set.of(incarnation))));
    return changed(user, username, true, now);
  }

  /** The change to announce, null where the user is still there by another instance, or was not. */
  @Nullable PresenceChange exit(UserId user, long incarnation, long now) {
    Present present = users.get(user);
    if (present == null
        || !present.incarnations.remove(incarnation)
        || !present.incarnations.isEmpty()) {
      return null;
    }
    users.remove(user);
    return changed(user, present.username, false, now);
  }

  private PresenceChange changed(UserId user, String username, boolean joined, long now) {
    version++;
    int members = users.size();
    large = members > LARGE_ABOVE || (large && members >= SMALL_BELOW);
    return new PresenceChange(user, username, joined, now, members, version, large);
  }
}
