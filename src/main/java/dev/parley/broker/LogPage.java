package dev.parley.broker;

import dev.parley.protocol.Epoch;
import java.util.List;

/**
 * A piece of a room's log, with {@link Entry#DELETED} where a message was.
 *
 * @param head offset of the newest message
 * @param first offset of the first entry; the others follow without a hole
 * @param oldest offset of the oldest message that is kept, {@code head + 1} if none is
 */
public record LogPage(Epoch epoch, long head, long oldest, long first, List<Entry> entries)
    implements Outcome<LogPage> {}
