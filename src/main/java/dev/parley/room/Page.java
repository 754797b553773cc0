package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.RoomName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a room's log as it is replayed: the frame of a message is made when the first reader
 * comes to it, takes the entry's place, and is shared by all. Made on the home lane, read on the
 * lanes of its readers.
 */
final class Page {
  /**
   * The log could not be read, or not in the epoch that the room is in. Not an outcome of the
   * broker's: readers try again whatever the cause is, and have their own patience.
   */
  static final Page FAILED =
      new Page(new RoomName("-"), new LogPage(Epoch.NONE, 0, 1, 0, List.of()), 0);

  /** The objects of a message, beside the bytes of its entry or frame. */
  static final int MESSAGE_BYTES = 160;

  private final long oldest;
  private final long first;
  private final RoomName room;
  private final byte[] prefix;

  /** Entries, and in their place events once they were asked for. */
  private final Object[] messages;

  private final long readAt;
  private final long weight;

  /** How many have the page in use. Guarded by the {@link ReplayMemory}. */
  int readers;

  /** Others may read it as well. Guarded by the {@link ReplayMemory}. */
  boolean kept;

  Page(RoomName room, LogPage log, long readAt) {
    this.room = room;
    this.readAt = readAt;
    oldest = log.oldest();
    first = log.first();
    prefix = MessageFrames.prefix(room);
    List<Entry> entries = log.entries();
    messages = entries.toArray();
    long sum = 0;
    for (Entry entry : entries) {
      sum += MESSAGE_BYTES + prefix.length + entry.tail().length;
    }
    weight = sum;
  }

  boolean failed() {
    return equals(FAILED);
  }

  boolean isEmpty() {
    return messages.length == 0;
  }

  /** Offset of the first message; of the oldest that may still come if the page is empty. */
  long first() {
    return messages.length == 0 ? oldest : first;
  }

  boolean covers(long offset) {
    return offset >= first && offset < first + messages.length;
  }

  @Nullable RoomEvent at(long offset) {
    if (!covers(offset)) {
      return null;
    }
    int index = (int) (offset - first);
    // Lanes that come here at once make the event twice, and either is as good: all it has is
    // final.
    return switch (messages[index]) {
      case Entry entry -> {
        RoomEvent event = RoomEvent.message(room, prefix, offset, entry, false);
        messages[index] = event;
        yield event;
      }
      case Object event -> (RoomEvent) event;
    };
  }

  /** Whether it has the content of the message at this offset. */
  boolean shows(long offset) {
    return covers(offset)
        && switch (messages[(int) (offset - first)]) {
          case Entry entry -> !entry.isDeleted();
          case Object event -> !(event instanceof RoomEvent.Tombstone);
        };
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
