package dev.parley.broker.redis;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import dev.parley.protocol.ReadMark;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells a listener the heads and payloads of its room, each message once: what a head contains, or
 * belongs to an epoch that the room continues, is not repeated. Belongs to the home executor.
 */
final class ListenerFeed {
  private final RoomListener listener;
  private final Consumer<Head> epochChanged;
  private boolean opened;
  private Epoch epoch = Epoch.NONE;
  private List<Position> lineage = List.of();

  /** The offset that comes next. */
  private long next;

  /**
   * @param epochChanged told of the head that brought another epoch, before the listener
   */
  ListenerFeed(RoomListener listener, Consumer<Head> epochChanged) {
    this.listener = listener;
    this.epochChanged = epochChanged;
  }

  RoomListener listener() {
    return listener;
  }

  /** Whether the listener has been told of a head. */
  boolean isOpened() {
    return opened;
  }

  /** Whether this is the epoch of the last head. */
  boolean isIn(Epoch other) {
    return other.equals(epoch);
  }

  void tell(Head head) {
    boolean changed = opened && !isIn(head.epoch());
    epoch = head.epoch();
    lineage = head.lineage();
    next = head.offset() + 1;
    if (changed) {
      epochChanged.accept(head);
    }
    if (opened) {
      listener.head(head);
    } else {
      opened = true;
      listener.opened(head);
    }
  }

  /** False if the payload is of an epoch that the room does not come from: its head is outdated. */
  boolean tell(Payload payload) {
    switch (payload) {
      case Payload.Messages(Epoch heard, long first, List<Entry> entries) -> {
        if (!isIn(heard)) {
          return isPast(heard);
        }
        tell(first, entries);
      }
      case Payload.Deleted(Epoch heard, long offset) -> {
        if (!isIn(heard)) {
          return isPast(heard);
        }
        listener.deleted(offset);
      }
      case Payload.Read(Epoch heard, List<ReadMark> marks) -> {
        if (!isIn(heard)) {
          return isPast(heard);
        }
        listener.read(marks);
      }
      case Payload.Signal(Entry entry) -> listener.signal(entry);
      case Payload.Presence(PresenceChange change) -> listener.presence(change);
      case Payload.Typed(Typing typing) -> listener.typing(typing);
    }
    return true;
  }

  /** Whether the current epoch continues this one: the head is above everything in it. */
  private boolean isPast(Epoch other) {
    for (Position end : lineage) {
      if (end.epoch().equals(other)) {
        return true;
      }
    }
    return false;
  }

  private void tell(long first, List<Entry> entries) {
    long known = next - first;
    if (known >= entries.size()) {
      return;
    }
    next = first + entries.size();
    if (known <= 0) {
      listener.messages(epoch, first, entries);
    } else {
      listener.messages(epoch, first + known, entries.subList((int) known, entries.size()));
    }
  }
}
