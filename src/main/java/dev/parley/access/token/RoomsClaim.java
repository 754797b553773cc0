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
 * A claim that is not exactly that is refused as a whole, naming the part that is wrong; half of it
 * could be the wrong half.
 */
final class RoomsClaim {
  private static final Map<String, Permission> PERMISSIONS =
      Arrays.stream(Permission.values())
          .collect(
              Collectors.toUnmodifiableMap(
                  permission -> permission.name().toLowerCase(Locale.ROOT), Function.identity()));

  private static final int LONGEST_QUOTE = 40;

  private RoomsClaim() {}

  static RoomClaims parse(@Nullable Object claim) {
    if (claim == null) {
      return RoomClaims.NONE;
    }
    if (!(claim instanceof Map<?, ?> map)) {
      throw malformed("it is not an object of room patterns");
    }
    Map<RoomPattern, Set<Permission>> grants = new HashMap<>();
    map.forEach((pattern, names) -> {
      RoomPattern of = pattern(pattern);
      grants.put(of, permissions(of, names));
    });
    return new RoomClaims(grants);
  }

  private static RoomPattern pattern(Object key) {
    if (key instanceof String pattern && RoomPattern.isValid(pattern)) {
      return new RoomPattern(pattern);
    }
    throw malformed(
        "%s is not a room pattern: 1-128 characters of A-Z a-z 0-9 . _ : ~ @ | + = - and *"
            .formatted(quoted(key)));
  }

  private static Set<Permission> permissions(RoomPattern pattern, @Nullable Object names) {
    if (!(names instanceof Collection<?> list)) {
      throw malformed(
          "what %s grants is not an array of permissions".formatted(quoted(pattern.value())));
    }
    Set<Permission> granted = EnumSet.noneOf(Permission.class);
    for (Object name : list) {
      Permission permission = name instanceof String text ? PERMISSIONS.get(text) : null;
      if (permission == null) {
        throw malformed(
            "%s grants %s, which is none of join, publish, presence and history"
                .formatted(quoted(pattern.value()), quoted(name)));
      }
      granted.add(permission);
    }
    return Set.copyOf(granted);
  }

  /** What the token says, in so few characters, and such, as fit into a sentence. */
  private static String quoted(@Nullable Object part) {
    String text = String.valueOf(part).replaceAll("[^ -~]|[\"\\\\]", "?");
    return text.length() <= LONGEST_QUOTE
        ? "'" + text + "'"
        : "'" + text.substring(0, LONGEST_QUOTE) + "...'";
  }

  private static InvalidTokenException malformed(String part) {
    return new InvalidTokenException("The token has a malformed claim rooms: " + part);
  }
}
