package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One listener of a room on Redis. The head is read after each confirmation by Redis that the room
 * is subscribed, and whenever another epoch is seen; what is heard meanwhile waits behind it, and
 * what the head contains is not delivered. Belongs to the home executor but for {@link #received}
 * and {@link #confirmed}.
 */
final class RedisSubscription {
  /** So much may wait for a head; beyond it all is dropped, and the head is read again. */
  private static final int MOST_WAITING = 1_024;

  private final String channel;
  private final Executor home;
  private final RoomListener listener;
  private final Consumer<Consumer<Head>> readHead;
  private final Consumer<Head> epochChanged;
  private boolean opened;
  private boolean ended;
  private Epoch epoch = Epoch.NONE;

  private List<Position> lineage = List.of();

  /** The offset that comes next. */
  private long next;

  /** No head has told of a message: Redis lets such a room go soon. */
  private boolean unused = true;

  private boolean refreshing;

  /** What waits for the head, null where none is being read. */
  private @Nullable List<Payload> waiting = new ArrayList<>();

  private boolean overflowed;

  /** Tells the newest reading of the head from those that came before it. */
  private int reading;

  /**
   * @param readHead reads the room's head until it succeeds and answers on home
   * @param epochChanged told of the head that brought another epoch, before the listener
   */
  RedisSubscription(
      String channel,
      Executor home,
      RoomListener listener,
      Consumer<Consumer<Head>> readHead,
      Consumer<Head> epochChanged) {
    this.channel = channel;
    this.home = home;
    this.listener = listener;
    this.readHead = readHead;
    this.epochChanged = epochChanged;
  }

  String channel() {
    return channel;
  }

  boolean isOpened() {
    return opened;
  }

  /** Any thread; called in the order of the bus. */
  void received(Payload payload) {
    home.execute(() -> hear(payload));
  }

  /** Any thread: from here on nothing is missed. */
  void confirmed() {
    home.execute(this::resync);
  }

  /** Any thread: the room may have changed without a word on the bus. */
  void suspect() {
    home.execute(() -> {
      if (opened) {
        resync();
      }
    });
  }

  /** Any thread: reads the head of a room without a message, so that Redis keeps the room. */
  void refresh() {
    home.execute(() -> {
      if (opened && !ended && unused && !refreshing) {
        refreshing = true;
        readHead.accept(head -> {
          refreshing = false;
          unused = head.offset() == 0;
          seen(head.epoch());
        });
      }
    });
  }

  /** Nothing is called on the listener afterwards. */
  void end() {
    ended = true;
  }

  /** The epoch of an answer that did not come by the bus. */
  void seen(Epoch answered) {
    if (opened && waiting == null && !answered.equals(epoch)) {
      resync();
    }
  }

  private void resync() {
    if (ended) {
      return;
    }
    int current = ++reading;
    if (waiting == null) {
      waiting = new ArrayList<>();
    }
    readHead.accept(head -> {
      if (current == reading && !ended) {
        settle(head);
      }
    });
  }

  private void settle(Head head) {
    if (overflowed) {
      overflowed = false;
      resync();
      return;
    }
    List<Payload> heard = waiting == null ? List.of() : waiting;
    waiting = null;
    boolean changed = opened && !head.epoch().equals(epoch);
    epoch = head.epoch();
    lineage = head.lineage();
    next = head.offset() + 1;
    unused = head.offset() == 0;
    if (changed) {
      epochChanged.accept(head);
    }
    if (opened) {
      listener.head(head);
    } else {
      opened = true;
      listener.opened(head);
    }
    for (Payload payload : heard) {
      hear(payload);
    }
  }

  /** Whether the current epoch continues this one. */
  private boolean isPast(Epoch other) {
    for (Position end : lineage) {
      if (end.epoch().equals(other)) {
        return true;
      }
    }
    return false;
  }

  private void hear(Payload payload) {
    if (ended) {
      return;
    }
    List<Payload> behindHead = waiting;
    if (behindHead != null) {
      if (behindHead.size() >= MOST_WAITING) {
        behindHead.clear();
        overflowed = true;
      }
      behindHead.add(payload);
      return;
    }
    switch (payload) {
      case Payload.Messages(Epoch heard, long first, List<Entry> entries) ->
          messages(heard, first, entries);
      case Payload.Signal(Entry entry) -> listener.signal(entry);
      case Payload.Presence(PresenceChange change) -> listener.presence(change);
      case Payload.Deleted(Epoch heard, long offset) -> {
        if (heard.equals(epoch)) {
          listener.deleted(offset);
        } else if (!isPast(heard)) {
          resync();
        }
      }
      case Payload.Typed(Typing typing) -> listener.typing(typing);
    }
  }

  private void messages(Epoch heard, long first, List<Entry> entries) {
    if (!heard.equals(epoch)) {
      // Older than the head: all of a past epoch is below it. Else the head that is read now was
      // written with these messages or after them.
      if (!isPast(heard)) {
        resync();
      }
      return;
    }
    long known = next - first;
    if (known >= entries.size()) {
      return;
    }
    next = first + entries.size();
    if (known <= 0) {
      listener.messages(heard, first, entries);
    } else {
      listener.messages(heard, first + known, entries.subList((int) known, entries.size()));
    }
  }
}
