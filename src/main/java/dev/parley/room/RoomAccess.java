package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.access.Permission;
import dev.parley.access.RoomPolicies;
import dev.parley.access.RoomPolicy;
import dev.parley.protocol.Content;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import org.jspecify.annotations.Nullable;

/**
 * What the policies say of a request for a room: null if it is allowed, or why it is not. Safe for
 * use by any thread.
 */
record RoomAccess(RoomPolicies policies) {

  @Nullable ErrorCode join(Identity identity, RoomName room) {
    return policies.allows(identity, room, Permission.JOIN) ? null : ErrorCode.FORBIDDEN;
  }

  /**
   * From a connection.
   *
   * @param membership in the room; null if the connection has none
   * @param content null if there is none
   */
  @Nullable ErrorCode publish(
      Identity identity,
      @Nullable Membership membership,
      RoomName room,
      @Nullable Content content) {
    if (!policies.allows(identity, room, Permission.PUBLISH)) {
      return ErrorCode.FORBIDDEN;
    }
    RoomPolicy policy = policies.of(room);
    if (!isJoined(membership) && !policy.publishWithoutJoin()) {
      return ErrorCode.NOT_JOINED;
    }
    return size(policy, content);
  }

  /** Without a connection, and so without membership. */
  @Nullable ErrorCode publish(Identity identity, RoomName room, Content content) {
    return policies.allows(identity, room, Permission.PUBLISH)
        ? size(policies.of(room), content)
        : ErrorCode.FORBIDDEN;
  }

  /** From a connection; see {@link #publish}. */
  @Nullable ErrorCode history(Identity identity, @Nullable Membership membership, RoomName room) {
    ErrorCode refused = history(identity, room);
    return refused != ErrorCode.FORBIDDEN && !isJoined(membership) ? ErrorCode.NOT_JOINED : refused;
  }

  /** Without a connection. */
  @Nullable ErrorCode history(Identity identity, RoomName room) {
    if (!policies.allows(identity, room, Permission.HISTORY)) {
      return ErrorCode.FORBIDDEN;
    }
    return policies.of(room).history().isKept() ? null : ErrorCode.HISTORY_UNAVAILABLE;
  }

  /** Whether the user has a read mark in the room, and is told of those of others. */
  boolean hasReceipts(Identity identity, RoomName room) {
    return policies.receipts(identity, room);
  }

  /** From a connection. Members need no permission of their own: they see the marks of all. */
  @Nullable ErrorCode reads(Identity identity, @Nullable Membership membership, RoomName room) {
    if (!hasReceipts(identity, room)) {
      return ErrorCode.FORBIDDEN;
    }
    return isJoined(membership) ? null : ErrorCode.NOT_JOINED;
  }

  /** Without a membership. */
  @Nullable ErrorCode reads(Identity identity, RoomName room) {
    boolean allowed =
        hasReceipts(identity, room)
            && (policies.allows(identity, room, Permission.JOIN)
                || policies.allows(identity, room, Permission.HISTORY));
    return allowed ? null : ErrorCode.FORBIDDEN;
  }

  private static boolean isJoined(@Nullable Membership membership) {
    return membership != null && membership.isJoined();
  }

  private static @Nullable ErrorCode size(RoomPolicy policy, @Nullable Content content) {
    return content != null && content.bytes().length > policy.maxMessageBytes()
        ? ErrorCode.TOO_LARGE
        : null;
  }
}
