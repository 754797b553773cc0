package dev.parley.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.parley.protocol.RoomName;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * The policy of each room, and who may do what there: the configured policies (the first that
 * matches decides) and the token's claim {@code rooms}. What nothing allows is denied. Thread-safe,
 * without locks, fast enough to be asked for every message.
 *
 * <p>Who may do what in a personal room, {@code @<user id>}, no policy says: its user joins and
 * reads it, and only those publish to it whose claim says so by a pattern that begins with
 * {@code @}; a claim of {@code *} is about the rooms that people share. Scopes {@code
 * parley.publish} and {@code parley.read} do what they say everywhere, {@code parley.admin} both;
 * none of them joins.
 */
@Component
public final class RoomPolicies {
  /** So many rooms' policies are known without comparing patterns. */
  private static final int MAX_CACHED = 10_000;

  private final List<PolicyProperties> patterns;
  private final List<RoomPolicy> policies;
  private final RoomPolicy byDefault;
  private final LoadingCache<RoomName, RoomPolicy> cache =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).build(this::find);

  public RoomPolicies(AccessProperties properties, HistoryProperties history) {
    patterns = properties.policies();
    policies = patterns.stream().map(policy -> policy.resolved(history)).toList();
    byDefault = RoomPolicy.byDefault(properties.defaultPolicy(), history);
  }

  /** What holds in the room. */
  public RoomPolicy of(RoomName room) {
    return policies.isEmpty() ? byDefault : cache.get(room);
  }

  public boolean allows(Identity identity, RoomName room, Permission permission) {
    if ((permission == Permission.PUBLISH && identity.has(Scope.PUBLISH))
        || (permission == Permission.HISTORY && identity.has(Scope.READ))) {
      return true;
    }
    if (room.isPersonal()) {
      return permission == Permission.PUBLISH
          ? identity.claims().grantPersonal(room, permission)
          : room.belongsTo(identity.user());
    }
    return switch (of(room).allow()) {
      case CLAIM -> identity.claims().grant(room, permission);
      case AUTHENTICATED -> !identity.guest();
      case ANONYMOUS -> true;
    };
  }

  /**
   * Whether the user has a read mark in the room: not a guest, who is another user each time. It is
   * no permission to be there.
   */
  public boolean receipts(Identity identity, RoomName room) {
    return !identity.guest() && (room.isPersonal() || of(room).receipts());
  }

  private RoomPolicy find(RoomName room) {
    for (int i = 0; i < policies.size(); i++) {
      if (patterns.get(i).rooms().matches(room)) {
        return policies.get(i);
      }
    }
    return byDefault;
  }
}
