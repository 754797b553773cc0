package dev.parley.access;

import dev.parley.access.AccessProperties.Allow;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.util.unit.DataSize;

/** Identities and settings for tests. */
public final class Access {
  private Access() {}

  public static AccessProperties properties(Allow defaultPolicy, PolicyProperties... policies) {
    return new AccessProperties(
        null,
        List.of(),
        Duration.ofSeconds(60),
        false,
        false,
        List.of(),
        List.of(),
        defaultPolicy,
        List.of(policies));
  }

  /** Those that hold by default. */
  static final HistoryProperties HISTORY =
      new HistoryProperties(1_000, Duration.ofHours(24), DataSize.ofMegabytes(4));

  public static PolicyProperties policy(String pattern, Allow allow) {
    return new PolicyProperties(
        new RoomPattern(pattern),
        allow,
        false,
        null,
        null,
        PolicyProperties.Presence.EVENTS,
        null,
        true);
  }

  public static Identity user(String id, RoomClaims claims, String... scopes) {
    return new Identity(new UserId(id), id, false, null, null, claims, Set.of(scopes));
  }

  public static RoomClaims claims(String pattern, Permission... permissions) {
    return new RoomClaims(
        Map.of(new RoomPattern(pattern), Arrays.stream(permissions).collect(Collectors.toSet())));
  }

  public static LimitsProperties limits(int perSecond, int burst) {
    return new LimitsProperties(
        true, perSecond, burst, 2_000, 5_000, 20, 200, 100, 20, 500, 1_000, null);
  }
}
