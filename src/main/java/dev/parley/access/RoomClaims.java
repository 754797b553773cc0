package dev.parley.access;

import dev.parley.protocol.RoomName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The token's claim {@code rooms}: patterns of room names, and what each grants. What several grant
 * adds up.
 */
public record RoomClaims(Map<RoomPattern, Set<Permission>> grants) {
  public static final RoomClaims NONE = new RoomClaims(Map.of());

  public RoomClaims {
    grants = Map.copyOf(new LinkedHashMap<>(grants));
  }

  Set<Permission> in(RoomName room) {
    Set<Permission> granted = EnumSet.noneOf(Permission.class);
    grants.forEach((pattern, permissions) -> {
      if (pattern.matches(room)) {
        granted.addAll(permissions);
      }
    });
    return granted;
  }
}
