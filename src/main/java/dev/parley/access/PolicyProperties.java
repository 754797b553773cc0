package dev.parley.access;

import dev.parley.access.AccessProperties.Allow;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * One of {@code parley.access.policies}: what holds in the rooms whose names match a pattern.
 *
 * @param publishWithoutJoin whether a connection may publish here without being a member
 * @param maxMessageBytes of a message's content, 1 B–64 MB; beyond it {@code too_large}. Null: as
 *     {@code parley.websocket.max-message-bytes}, which holds in any case
 * @param maxMembers distinct users that the room may have, 1–1,000,000; beyond it {@code
 *     room_full}. Null: any number
 * @param presence whether members are told who comes and goes
 */
public record PolicyProperties(
    RoomPattern rooms,
    @DefaultValue("claim") Allow allow,
    @DefaultValue("false") boolean publishWithoutJoin,
    @Nullable DataSize maxMessageBytes,
    @Nullable Integer maxMembers,
    @DefaultValue("events") Presence presence) {
  private static final DataSize LARGEST_MESSAGE = DataSize.ofMegabytes(64);
  private static final int MOST_MEMBERS = 1_000_000;

  /** What members are told of users who come and go, beside their number. */
  public enum Presence {
    /** Each of them. */
    EVENTS,
    /** Nothing. */
    OFF
  }

  /**
   * @param name of this policy, such as {@code parley.access.policies[0]}
   * @throws IllegalArgumentException if a value is out of its range; the message names the setting
   */
  void check(String name) {
    require(rooms != null, name + ".rooms must be set");
    require(
        maxMessageBytes == null || isWithin(maxMessageBytes, DataSize.ofBytes(1), LARGEST_MESSAGE),
        name + ".max-message-bytes must be between 1B and 64MB");
    require(
        maxMembers == null || (maxMembers >= 1 && maxMembers <= MOST_MEMBERS),
        name + ".max-members must be between 1 and 1000000");
  }

  /** With the defaults in place of what is not set. */
  RoomPolicy resolved() {
    return new RoomPolicy(
        allow,
        publishWithoutJoin,
        maxMessageBytes == null ? Integer.MAX_VALUE : (int) maxMessageBytes.toBytes(),
        maxMembers == null ? Integer.MAX_VALUE : maxMembers,
        presence == Presence.EVENTS);
  }

  private static boolean isWithin(DataSize size, DataSize least, DataSize most) {
    return size.compareTo(least) >= 0 && size.compareTo(most) <= 0;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
