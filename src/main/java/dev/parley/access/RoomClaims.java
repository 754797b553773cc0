package dev.parley.access;

import dev.parley.protocol.RoomName;
import java.util.Map;
import java.util.Set;

/**
 * The token's claim {@code rooms}: patterns of room names, and what each grants. What several grant
 * adds up.
 */
public record RoomClaims(Map<RoomPattern, Set<Permission>> grants) {
  public static final RoomClaims NONE = new RoomClaims(Map.of());

  public RoomClaims {
    grants = Map.copyOf(grants);
  }

  boolean grant(RoomName room, Permission permission) {
    for (Map.Entry<RoomPattern, Set<Permission>> grant : grants.entrySet()) {
      if (grant.getValue().contains(permission) && grant.getKey().matches(room)) {
        return true;
      }
    }
    return false;
  }

  /** As {@link #grant}, by patterns that begin with {@code @} alone. */
  boolean grantPersonal(RoomName room, Permission permission) {
    for (Map.Entry<RoomPattern, Set<Permission>> grant : grants.entrySet()) {
      if (grant.getKey().isPersonal()
          && grant.getValue().contains(permission)
          && grant.getKey().matches(room)) {
        return true;
      }
    }
    return false;
  }
}
