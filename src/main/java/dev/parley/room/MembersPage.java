package dev.parley.room;

import dev.parley.protocol.UserId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some of the users in a room, on all instances, in order of their ids.
 *
 * @param next where the next page begins, to be given back as {@code after}; null if this is the
 *     last
 */
public record MembersPage(List<Member> members, @Nullable String next) {

  /**
   * @param since when the user came
   * @param instances on how many the user has connections in the room
   */
  public record Member(UserId user, String username, Instant since, int instances) {}
}
