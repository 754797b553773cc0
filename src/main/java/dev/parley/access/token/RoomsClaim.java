package dev.parley.access.token;

import dev.parley.access.Permission;
import dev.parley.access.RoomClaims;
import dev.parley.access.RoomPattern;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the claim {@code rooms}: {@code {"<pattern>": ["join", "publish", "presence", "history"]}}.
 * A claim that is not exactly that is refused as a whole; half of it could be the wrong half.
 */
final class RoomsClaim {
  private static final Map<String, Permission> PERMISSIONS =
      Arrays.stream(Permission.values())
          .collect(
              Collectors.toUnmodifiableMap(
                  permission -> permission.name().toLowerCase(Locale.ROOT), Function.identity()));

  private RoomsClaim() {}

  static RoomClaims parse(@Nullable Object claim) {
    if (claim == null) {
      return RoomClaims.NONE;
    }
    if (!(claim instanceof Map<?, ?> map)) {
      throw malformed();
    }
    Map<RoomPattern, Set<Permission>> grants = new HashMap<>();
    map.forEach((pattern, names) -> grants.put(pattern(pattern), permissions(names)));
    return new RoomClaims(grants);
  }

  private static RoomPattern pattern(Object key) {
    if (key instanceof String pattern && RoomPattern.isValid(pattern)) {
      return new RoomPattern(pattern);
    }
    throw malformed();
  }

  private static Set<Permission> permissions(@Nullable Object names) {
    if (!(names instanceof Collection<?> list)) {
      throw malformed();
    }
    Set<Permission> granted = EnumSet.noneOf(Permission.class);
    for (Object name : list) {
      Permission permission = name instanceof String text ? PERMISSIONS.get(text) : null;
      if (permission == null) {
        throw malformed();
      }
      granted.add(permission);
    }
    return Set.copyOf(granted);
  }

  private static InvalidTokenException malformed() {
    return new InvalidTokenException("The token has a malformed claim: rooms");
  }
}
