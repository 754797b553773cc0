package dev.parley.access;

import dev.parley.access.AccessProperties.Allow;
import dev.parley.access.AccessProperties.Policy;
import dev.parley.protocol.RoomName;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Who may do what in which room: the configured policies (the first that matches decides) and the
 * token's claim {@code rooms}. What nothing allows is denied. Immutable, fast enough to be asked
 * for every message.
 *
 * <p>A personal room, {@code @<user id>}, is outside the policies: its user joins and reads it, and
 * only those publish to it whose claim says so by a pattern that begins with {@code @}; a claim of
 * {@code *} is about the rooms that people share. Scopes {@code parley.publish} and {@code
 * parley.read} do what they say everywhere, {@code parley.admin} both; none of them joins.
 */
@Component
public final class RoomPolicies {
  private final List<Policy> policies;
  private final Allow defaultPolicy;

  public RoomPolicies(AccessProperties properties) {
    policies = properties.policies();
    defaultPolicy = properties.defaultPolicy();
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
    Policy policy = policyOf(room);
    return switch (policy == null ? defaultPolicy : policy.allow()) {
      case CLAIM -> identity.claims().grant(room, permission);
      case AUTHENTICATED -> !identity.guest();
      case ANONYMOUS -> true;
    };
  }

  /** Whether a connection may publish here without being a member. */
  public boolean publishWithoutJoin(RoomName room) {
    Policy policy = policyOf(room);
    return policy != null && policy.publishWithoutJoin();
  }

  /**
   * Whether the user has a read mark in the room: not a guest, who is another user each time. It is
   * no permission to be there.
   */
  public boolean receipts(Identity identity, RoomName room) {
    if (identity.guest()) {
      return false;
    }
    Policy policy = room.isPersonal() ? null : policyOf(room);
    return policy == null || policy.receipts();
  }

  private @Nullable Policy policyOf(RoomName room) {
    for (Policy policy : policies) {
      if (policy.rooms().matches(room)) {
        return policy;
      }
    }
    return null;
  }
}
