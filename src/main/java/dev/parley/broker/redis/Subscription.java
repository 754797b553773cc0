package dev.parley.broker.redis;

import dev.parley.broker.Head;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.RoomListener;
import dev.parley.broker.redis.BehindHead.Heard;
import dev.parley.budget.Budget;
import dev.parley.protocol.Epoch;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The subscription of one listener to a room on Redis. It gives the listener the head first, then
 * what arrives on the bus, without repetitions, and the head again whenever something may have been
 * missed. Belongs to the home executor except for {@link #received}, {@link #confirmed}, {@link
 * #suspect} and {@link #refresh}, which any thread may call.
 */
final class Subscription {

  /*
   * The head of a room says up to where its log goes. Reading it is how a subscription begins, and
   * how it recovers. A subscription is in one of two states:
   *
   *   READING  the head is being read; payloads wait behind it (waiting is not null)
   *   LIVE     payloads are passed to the listener as they arrive
   *
   * It begins in READING, and the head is asked for when Redis has confirmed the subscription. In
   * this order nothing is missed: a message that is published before the head is read is in the
   * log, and one that is published later arrives on the bus. A message that is in both is
   * recognized by its offset (ListenerFeed). LIVE returns to READING
   *
   *   - after each confirmation, since the bus was interrupted before it
   *   - if a payload or an answer has an epoch that the room does not come from
   *   - after payloads were dropped
   *   - when the command connection has moved to another primary (suspect())
   *
   * Payloads are dropped if the room would hold more than its share of the budget for the bus
   * (BusShare), and from then on all of them until the head is asked for. That head contains the
   * messages that were dropped, and the listener reads them from the log. Signals and typing may be
   * lost, so they alone cause no reading of the head. If more is dropped while the head is read,
   * the listener is told that head first and the head is read once more, so a flood that does not
   * end does not keep the listener waiting.
   *
   * docs/ARCHITECTURE.md, "Loss on the way" and "Joining and resuming".
   */

  /** Reads the room's head from Redis. */
  interface HeadReader {
    /**
     * @param opening somebody waits for the room to open, so that there is no use in trying for
     *     long while Redis is full
     * @param answer called on home
     */
    void read(boolean opening, Consumer<Outcome<Head>> answer);
  }

  private final String channel;

  private final Executor home;
  private final BusShare share;
  private final ListenerFeed feed;
  private final HeadReader heads;
  private final Consumer<Refused<Head>> refused;

  /** All is dropped from here on, until a head is asked for. */
  private volatile boolean dropping;

  private boolean confirmed;
  private boolean ended;

  /** No head has told of a message: Redis lets such a room go soon. */
  private boolean unused = true;

  private boolean refreshing;

  /** How often it was this room's turn to be refreshed since its head was last read for that. */
  private int turns;

  /** What waits for the head, null if none is being read. */
  private @Nullable BehindHead waiting;

  /** Something was dropped while the head was being read: it is read once more behind it. */
  private boolean again;

  /** Tells the newest reading of the head from those that came before it. */
  private int reading;

  /**
   * @param epochChanged told of the head that brought another epoch, before the listener
   * @param refused told if the head cannot be read before the listener is opened
   */
  Subscription(
      String channel,
      Executor home,
      Budget budget,
      RoomListener listener,
      HeadReader heads,
      Consumer<Head> epochChanged,
      Consumer<Refused<Head>> refused) {
    this.channel = channel;
    this.home = home;
    this.share = new BusShare(budget);
    this.feed = new ListenerFeed(listener, epochChanged);
    this.heads = heads;
    this.refused = refused;
    this.waiting = new BehindHead(share);
  }

  String channel() {
    return channel;
  }

  RoomListener listener() {
    return feed.listener();
  }

  /** Whether Redis has said that the room is subscribed. */
  boolean isConfirmed() {
    return confirmed;
  }

  /** Takes a payload as it was delivered, in the order of the bus. Any thread, one at a time. */
  void received(byte[] bytes) {
    int weight = Payload.weight(bytes);
    if (dropping) {
      share.refused();
    } else if (!share.take(weight)) {
      drop(bytes);
    } else {
      Payload payload = Payload.decode(bytes);
      if (payload == null) {
        share.give(weight);
      } else {
        home.execute(() -> hear(payload, weight));
      }
    }
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
      if (feed.isOpened()) {
        resync();
      }
    });
  }

  /**
   * Any thread: reads the room's head, so that Redis keeps the room and who is in it: each time if
   * the room has no message, otherwise once a day. Messages prolong neither presence nor the life
   * of a room that nobody writes to.
   */
  void refresh() {
    home.execute(() -> {
      if (feed.isOpened()
          && !ended
          && !refreshing
          && (unused || ++turns >= RedisBroker.REFRESHES_A_DAY)) {
        turns = 0;
        refreshing = true;
        heads.read(
            false,
            outcome -> {
              refreshing = false;
              if (outcome instanceof Head head) {
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
    if (waiting != null) {
      waiting.discard();
    }
  }

  /** The epoch of an answer that did not come by the bus. */
  void seen(Epoch answered) {
    if (feed.isOpened() && waiting == null && !feed.isIn(answered)) {
      resync();
    }
  }

  private void resync() {
    if (ended) {
      return;
    }
    int current = ++reading;
    if (waiting == null) {
      waiting = new BehindHead(share);
    }
    again = false;
    // Before the head is asked for: it then contains whatever is dropped until here.
    dropping = false;
    heads.read(
        !feed.isOpened(),
        outcome -> {
          if (current == reading && !ended) {
            answered(outcome);
          }
        });
  }

  private void answered(Outcome<Head> outcome) {
    switch (outcome) {
      case Head head -> settle(head);
      case Refused<Head> why -> {
        if (feed.isOpened()) {
          resync();
        } else {
          refused.accept(why);
        }
      }
    }
  }

  private void settle(Head head) {
    BehindHead behind = waiting;
    waiting = null;
    try {
      unused = head.offset() == 0;
      feed.tell(head);
      for (Heard first = take(behind); first != null; first = take(behind)) {
        hear(first.payload(), first.weight());
      }
    } finally {
      // Whatever a listener throws: what it was not told is read from the log, and is not held.
      again |= behind != null && behind.discard();
      if (again) {
        resync();
      }
    }
  }

  private static @Nullable Heard take(@Nullable BehindHead behind) {
    return behind == null ? null : behind.take();
  }

  private void hear(Payload payload, int weight) {
    if (waiting != null && !ended) {
      waiting.add(payload, weight);
      return;
    }
    try {
      // Otherwise the head that is read now was written with this payload or after it.
      if (!ended && !feed.tell(payload)) {
        resync();
      }
    } finally {
      share.give(weight);
    }
  }
}
