package dev.parley.broker.redis;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.budget.Budget;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One listener of a room on Redis. The head is read after each confirmation by Redis that the room
 * is subscribed, whenever another epoch is seen, and after payloads were dropped; what is heard
 * meanwhile waits behind it, and what the head contains is not delivered. Belongs to the home
 * executor but for {@link #received} and {@link #confirmed}.
 *
 * <p>What the home has not taken yet is held in the instance's budget for the bus. A room may hold
 * as much of it as is left free, so one that is flooded, or whose home is busy, stops at half of
 * it, and others still have room. Beyond that its payloads are dropped until the head is read: it
 * tells what was missed, and the listener reads that from the log.
 */
final class Subscription {

  /** A payload that waits for the head, with the bytes that it holds. */
  private record Heard(Payload payload, int weight) {}

  /** Reads the room's head from Redis. */
  interface HeadReader {
    /**
     * @param opening somebody waits for the room to open, so that there is no use in trying for
     *     long while Redis is full
     * @param answer called on home, with null if Redis does not answer
     */
    void read(boolean opening, Consumer<@Nullable Head> answer);
  }

  private final String channel;
  private final Executor home;
  private final Budget budget;
  private final RoomListener listener;
  private final HeadReader heads;
  private final Consumer<Head> epochChanged;
  private final Runnable failed;

  /** Bytes of the budget. */
  private final AtomicLong held = new AtomicLong();

  /** All is dropped from here on, until a head is asked for. */
  private volatile boolean dropping;

  private boolean confirmed;
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
  private @Nullable ArrayDeque<Heard> waiting = new ArrayDeque<>();

  /** Something was dropped while the head was being read: it is read once more behind it. */
  private boolean again;

  /** Tells the newest reading of the head from those that came before it. */
  private int reading;

  /**
   * @param epochChanged told of the head that brought another epoch, before the listener
   * @param failed run if the head cannot be read before the listener is opened
   */
  Subscription(
      String channel,
      Executor home,
      Budget budget,
      RoomListener listener,
      HeadReader heads,
      Consumer<Head> epochChanged,
      Runnable failed) {
    this.channel = channel;
    this.home = home;
    this.budget = budget;
    this.listener = listener;
    this.heads = heads;
    this.epochChanged = epochChanged;
    this.failed = failed;
  }

  String channel() {
    return channel;
  }

  RoomListener listener() {
    return listener;
  }

  /** Whether Redis has said that the room is subscribed. */
  boolean isConfirmed() {
    return confirmed;
  }

  /** Takes a payload as it was delivered, in the order of the bus. Any thread, one at a time. */
  void received(byte[] bytes) {
    int weight = Payload.weight(bytes);
    if (dropping) {
      budget.refused();
    } else if (!take(weight)) {
      drop(bytes);
    } else {
      Payload payload = Payload.decode(bytes);
      if (payload == null) {
        give(weight);
      } else {
        home.execute(() -> hear(payload, weight));
      }
    }
  }

  private boolean take(int weight) {
    boolean taken = budget.tryTakeOfFree(held.get(), weight);
    if (taken) {
      held.addAndGet(weight);
    }
    return taken;
  }

  private void give(int weight) {
    held.addAndGet(-weight);
    budget.add(-weight);
  }

  private void drop(byte[] bytes) {
    if (!Payload.mayBeLost(bytes)) {
      dropping = true;
      home.execute(this::dropped);
    }
  }

  private void dropped() {
    if (waiting == null) {
      resync();
    } else {
      again = true;
    }
  }

  /** Any thread: from here on nothing is missed. */
  void confirmed() {
    home.execute(() -> {
      confirmed = true;
      resync();
    });
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
        heads.read(
            false,
            head -> {
              refreshing = false;
              if (head != null) {
                unused = head.offset() == 0;
                seen(head.epoch());
              }
            });
      }
    });
  }

  /** Nothing is called on the listener afterwards. */
  void end() {
    ended = true;
    ArrayDeque<Heard> behindHead = waiting;
    if (behindHead != null) {
      behindHead.forEach(heard -> give(heard.weight()));
      behindHead.clear();
    }
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
      waiting = new ArrayDeque<>();
    }
    again = false;
    // Before the head is asked for: it then contains whatever is dropped until here.
    dropping = false;
    heads.read(
        !opened,
        head -> {
          if (current == reading && !ended) {
            answered(head);
          }
        });
  }

  private void answered(@Nullable Head head) {
    if (head != null) {
      settle(head);
    } else if (opened) {
      resync();
    } else {
      failed.run();
    }
  }

  private void settle(Head head) {
    ArrayDeque<Heard> behindHead = waiting == null ? new ArrayDeque<>() : waiting;
    waiting = null;
    try {
      tell(head, behindHead);
    } finally {
      // Whatever a listener throws: what it was not told is read from the log, and is not held.
      again |= !behindHead.isEmpty();
      behindHead.forEach(heard -> give(heard.weight()));
      if (again) {
        resync();
      }
    }
  }

  private void tell(Head head, ArrayDeque<Heard> behindHead) {
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
    for (Heard next = behindHead.poll(); next != null; next = behindHead.poll()) {
      hear(next.payload(), next.weight());
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

  private void hear(Payload payload, int weight) {
    if (waiting != null && !ended) {
      waiting.add(new Heard(payload, weight));
      return;
    }
    try {
      if (!ended) {
        hear(payload);
      }
    } finally {
      give(weight);
    }
  }

  private void hear(Payload payload) {
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
