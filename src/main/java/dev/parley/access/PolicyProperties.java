package dev.parley.access;

import dev.parley.access.AccessProperties.Allow;
import java.time.Duration;
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
 * @param history what is kept of the rooms' messages; null: as {@code parley.history} says
 * @param receipts whether users have read marks here; guests never have
 */
public record PolicyProperties(
    RoomPattern rooms,
    @DefaultValue("claim") Allow allow,
    @DefaultValue("false") boolean publishWithoutJoin,
    @Nullable DataSize maxMessageBytes,
    @Nullable Integer maxMembers,
    @DefaultValue("events") Presence presence,
    @Nullable History history,
    @DefaultValue("true") boolean receipts) {
  private static final DataSize LARGEST_MESSAGE = DataSize.ofMegabytes(64);
  private static final int MOST_MEMBERS = 1_000_000;

  /** What members are told of users who come and go, beside their number. */
  public enum Presence {
    /** Each of them. */
    EVENTS,
    /** Nothing. */
    OFF
  }

  /** What is null is as {@link HistoryProperties} has it, and has the same ranges. */
  public record History(
      @Nullable Integer size, @Nullable Duration retention, @Nullable DataSize bytes) {

    private void check(String name) {
      require(
          size == null || (size >= 0 && size <= HistoryProperties.MOST_MESSAGES),
          name + ".size must be between 0 and 1000000");
      require(
          retention == null || HistoryProperties.isRetention(retention),
          name + ".retention must be between 1s and 365d");
      require(
          bytes == null || HistoryProperties.isBytes(bytes),
          name + ".bytes must be between 1KB and 1GB");
    }

    private RoomHistory resolved(HistoryProperties defaults) {
      return new RoomHistory(
          size == null ? defaults.size() : size,
          retention == null ? defaults.retention() : retention,
          (bytes == null ? defaults.bytes() : bytes).toBytes());
    }
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
    if (history != null) {
      history.check(name + ".history");
    }
  }

  /** With the defaults in place of what is not set. */
  RoomPolicy resolved(HistoryProperties defaults) {
    return new RoomPolicy(
        allow,
        publishWithoutJoin,
        maxMessageBytes == null ? Integer.MAX_VALUE : (int) maxMessageBytes.toBytes(),
        maxMembers == null ? Integer.MAX_VALUE : maxMembers,
        presence == Presence.EVENTS,
        history == null ? defaults.resolved() : history.resolved(defaults),
        receipts);
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
