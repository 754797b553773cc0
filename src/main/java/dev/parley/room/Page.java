package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.RoomName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a room's log as it is replayed: its frames are made once, whoever many read them. Made
 * on the home lane, read on the lanes of its readers.
 */
final class Page {
  /** The log could not be read, or not in the epoch that the room is in. */
  static final Page FAILED = new Page(new RoomName("-"), LogPage.FAILED, 0);

  private final LogPage log;
  private final RoomEvent[] events;
  private final long readAt;
  private final long weight;

  Page(RoomName room, LogPage log, long readAt) {
    this.log = log;
    this.readAt = readAt;
    List<Entry> entries = log.entries();
    byte[] prefix = MessageFrames.prefix(room);
    events = new RoomEvent[entries.size()];
    long sum = 0;
    for (int i = 0; i < events.length; i++) {
      events[i] = RoomEvent.message(room, prefix, log.first() + i, entries.get(i), false);
      sum += events[i].weight() + entries.get(i).tail().length;
    }
    weight = sum;
  }

  boolean failed() {
    return log.failed();
  }

  boolean isEmpty() {
    return events.length == 0;
  }

  /** Offset of the first message; of the oldest that may still come where the page is empty. */
  long first() {
    return events.length == 0 ? log.oldest() : log.first();
  }

  long end() {
    return log.first() + events.length;
  }

  boolean covers(long offset) {
    return events.length > 0 && offset >= log.first() && offset < end();
  }

  @Nullable RoomEvent at(long offset) {
    return covers(offset) ? events[(int) (offset - log.first())] : null;
  }

  /** Nanoseconds, by the clock of the reader. */
  long readAt() {
    return readAt;
  }

  /** Roughly what it holds, in bytes. */
  long weight() {
    return weight;
  }
}
