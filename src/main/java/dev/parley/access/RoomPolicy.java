package dev.parley.access;

import dev.parley.access.AccessProperties.Allow;

/**
 * What holds in a room: the first of {@link PolicyProperties} whose pattern matches its name, with
 * the defaults in place of what that does not set. Immutable; rooms of one policy share it.
 *
 * @param allow who gets all permissions; users' own rooms have rules of their own
 * @param publishWithoutJoin whether a connection may publish here without being a member
 * @param maxMessageBytes of a message's content
 */
public record RoomPolicy(Allow allow, boolean publishWithoutJoin, int maxMessageBytes) {

  /** For rooms that no policy matches. */
  static RoomPolicy byDefault(Allow allow) {
    return new RoomPolicy(allow, false, Integer.MAX_VALUE);
  }
}
