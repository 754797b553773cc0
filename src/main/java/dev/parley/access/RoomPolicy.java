package dev.parley.access;

import dev.parley.access.AccessProperties.Allow;

/**
 * What holds in a room: the first of {@link PolicyProperties} whose pattern matches its name, with
 * the defaults in place of what that does not set. Immutable; rooms of one policy share it.
 *
 * @param allow who gets all permissions; users' own rooms have rules of their own
 * @param publishWithoutJoin whether a connection may publish here without being a member
 * @param maxMessageBytes of a message's content
 * @param maxMembers distinct users that the room may have
 * @param presenceEvents whether members are told who comes and goes; if not, of their number alone
 * @param history what is kept of the room's messages
 * @param receipts whether users have read marks here; guests never have
 */
public record RoomPolicy(
    Allow allow,
    boolean publishWithoutJoin,
    int maxMessageBytes,
    int maxMembers,
    boolean presenceEvents,
    RoomHistory history,
    boolean receipts) {

  /** For rooms that no policy matches. */
  static RoomPolicy byDefault(Allow allow, HistoryProperties history) {
    return new RoomPolicy(
        allow, false, Integer.MAX_VALUE, Integer.MAX_VALUE, true, history.resolved(), true);
  }
}
