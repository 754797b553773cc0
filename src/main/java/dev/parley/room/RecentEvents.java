package dev.parley.room;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * What a lane's members were sent since the first of them began to catch up: those who are behind
 * read on here when they have read the log, so nothing is handed over and nothing can fall between.
 * Kept only while somebody catches up, and bounded, here and for all rooms of the lane; whoever
 * finds its place dropped reads the log further.
 */
final class RecentEvents {
  private static final int MAX_EVENTS = 4_096;
  private static final int MAX_BYTES = 4 * 1024 * 1024;

  private final RecentTotal total;
  private final ArrayDeque<RoomEvent> events = new ArrayDeque<>();
  private long first;
  private long bytes;
  private long droppedThrough;

  RecentEvents(RecentTotal total) {
    this.total = total;
  }

  void add(RoomEvent event) {
    events.add(event);
    change(event.weight());
    while (events.size() > MAX_EVENTS || bytes > MAX_BYTES) {
      drop();
    }
    total.bound();
  }

  /** Puts a tombstone in the place of its message, if that is here. */
  void delete(RoomEvent.Tombstone tombstone) {
    for (int i = events.size(); i > 0; i--) {
      RoomEvent event = events.remove();
      boolean meant =
          event instanceof RoomEvent.Message message && message.offset() == tombstone.offset();
      if (meant) {
        change(tombstone.weight() - event.weight());
      }
      events.add(meant ? tombstone : event);
    }
  }

  /** The number of the oldest event that is here. */
  long first() {
    return first;
  }

  /** The number of the next event that will be added. */
  long end() {
    return first + events.size();
  }

  /** The highest offset among the messages that were dropped. */
  long droppedThrough() {
    return droppedThrough;
  }

  Iterator<RoomEvent> from(long number) {
    Iterator<RoomEvent> iterator = events.iterator();
    for (long i = first; i < number; i++) {
      iterator.next();
    }
    return iterator;
  }

  void clear() {
    first = end();
    events.clear();
    change(-bytes);
    droppedThrough = 0;
  }

  /** All of it: others need the memory. */
  void dropAll() {
    while (!events.isEmpty()) {
      drop();
    }
  }

  private void drop() {
    RoomEvent dropped = events.remove();
    first++;
    change(-dropped.weight());
    if (dropped.offset() > 0) {
      droppedThrough = dropped.offset();
    }
  }

  private void change(long difference) {
    bytes += difference;
    total.changed(this, difference, bytes);
  }
}
