package dev.parley.broker;

import dev.parley.protocol.Epoch;
import java.util.List;

/**
 * A piece of a room's log, with {@link Entry#DELETED} where a message was.
 *
 * @param failed the log could not be read; the rest is empty then
 * @param head offset of the newest message
 * @param first offset of the first entry; the others follow without a hole
 * @param oldest offset of the oldest message that is kept, {@code head + 1} if none is
 */
public record LogPage(
    boolean failed, Epoch epoch, long head, long oldest, long first, List<Entry> entries) {
  public static final LogPage FAILED = new LogPage(true, Epoch.NONE, 0, 1, 0, List.of());
}
