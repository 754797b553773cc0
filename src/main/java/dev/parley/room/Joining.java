package dev.parley.room;

import dev.parley.protocol.Position;
import org.jspecify.annotations.Nullable;

/**
 * From where a participant wants to hear a room.
 *
 * @param ref of the frame that asks
 * @param since the last position it has seen; null if it starts anew
 * @param last how many of the newest messages to replay if there is no {@code since}
 * @param forced by an operator: the room's policy is not asked
 */
public record Joining(@Nullable String ref, @Nullable Position since, int last, boolean forced) {
  /** What an operator puts somebody into a room with. */
  public static final Joining FORCED = new Joining(null, null, 0, true);

  public Joining(@Nullable String ref, @Nullable Position since, int last) {
    this(ref, since, last, false);
  }
}
