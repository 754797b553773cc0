package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Passes messages to the members, in order of their offsets and each once, and moves the {@link
 * Cursor} past them. Owned by the room's home lane.
 */
final class OrderedMessages {
  private final RoomName room;
  private final byte[] prefix;
  private final Cursor cursor;
  private final Deletions deletions;
  private final EventSink members;
  private final LongConsumer deleted;

  /**
   * @param deleted is given the offsets of messages that came as deleted, from the log
   */
  OrderedMessages(
      RoomName room, Cursor cursor, Deletions deletions, EventSink members, LongConsumer deleted) {
    this.deleted = deleted;
    this.room = room;
    this.cursor = cursor;
    this.deletions = deletions;
    this.members = members;
    prefix = MessageFrames.prefix(room);
  }

  /** Passes on those of the messages that are new; the first of them is at most the next one. */
  void deliver(long first, List<Entry> entries) {
    for (int i = (int) Math.max(0, cursor.next() - first); i < entries.size(); i++) {
      long offset = first + i;
      Entry entry = entries.get(i);
      if (entry.isDeleted()) {
        deleted.accept(offset);
      }
      RoomEvent event =
          RoomEvent.message(room, prefix, offset, deletions.mask(offset, entry), true);
      cursor.moveTo(offset + 1);
      members.tell(event);
    }
  }

  /** The messages below this offset cannot be had any more. */
  void skipTo(long offset) {
    members.tell(RoomEvent.gap(new ServerFrame.Gap(room, cursor.next(), offset - 1, "history")));
    cursor.moveTo(offset);
  }
}
