package dev.parley.room;

import dev.parley.protocol.Position;
import org.jspecify.annotations.Nullable;

/**
 * From where a participant wants to hear a room.
 *
 * @param ref of the frame that asks
 * @param since the last position it has seen; null if it starts anew
 * @param last how many of the newest messages to replay if there is no {@code since}
 */
public record Joining(@Nullable String ref, @Nullable Position since, int last) {}
