package dev.parley.broker.embedded;

import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.Present;
import dev.parley.broker.ReadMarks;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomListener;
import dev.parley.budget.Account;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room's log, bus and presence in memory. Its monitor guards all of it, and no other room's is
 * taken while it is held; subscribers' mailboxes are filled meanwhile, so every subscriber hears
 * the room's events in one order.
 */
final class RoomState {
  /**
   * A room's objects beside the name, while it is empty, and one subscription: 681 bytes of heap
   * were measured for a room without users and messages, 617 with compact object headers.
   */
  static final int BYTES = 800;

  /** Nothing is lost with a room that never had a message: it costs memory no longer than this. */
  private static final long UNUSED_MS = Duration.ofMinutes(10).toMillis();

  /** Evicting many messages lets others at the room after so many. */
  private static final int EVICTED_AT_ONCE = 256;

  private final RoomName name;
  private final Retention retention;
  private final LogMemory memory;
  private final EvictionOrder evictions;
  private final Epoch epoch = Epoch.random();
  private final RoomLog log;
  private final DedupWindow dedup;
  private final RoomUsers users = new RoomUsers();
  private @Nullable RoomMarks marks;
  private final List<Subscription> subscriptions = new ArrayList<>(1);
  private long lastUsed;
  private boolean forgotten;

  /** What the memory has been told of, and where the order of evictions has the room. */
  private long counted;

  private int place = EvictionOrder.NOWHERE;

  RoomState(RoomName name, Retention retention, LogMemory memory, EvictionOrder evictions) {
    this.name = name;
    this.retention = retention;
    this.memory = memory;
    this.evictions = evictions;
    log = new RoomLog(retention);
    dedup = new DedupWindow(memory.ids(), BYTES + name.value().length());
  }

  RoomName name() {
    return name;
  }

  /** Whether the room was dropped: its successor is to be asked instead. */
  boolean isForgotten() {
    return forgotten;
  }

  /** Counts what the room holds by now; called after each use of it. */
  void settle() {
    if (forgotten) {
      return;
    }
    long holds =
        BYTES
            + name.value().length()
            + log.bytes()
            + dedup.bytes()
            + users.bytes()
            + (marks == null ? 0 : marks.bytes());
    if (holds != counted) {
      memory.add(holds - counted);
      counted = holds;
    }
    int due = EvictionOrder.NOWHERE;
    if (!log.isEmpty()) {
      due = EvictionOrder.place(log.bytes(), place);
    } else if (isUnused() && dedup.bytes() == 0) {
      due = EvictionOrder.VACANT;
    }
    if (due != place) {
      evictions.move(this, place, due);
      place = due;
    }
  }

  void subscribe(Subscription subscription, long now) {
    lastUsed = now;
    subscriptions.add(subscription);
    subscription.opened(
        new Head(
            epoch,
            log.head(),
            List.of(),
            users.members(),
            users.version(),
            users.large(),
            log.deleted(Head.MOST_DELETED)));
  }

  void unsubscribe(Subscription subscription) {
    subscriptions.remove(subscription);
  }

  Outcome<Accepted> publish(Entry entry, Account sender, long now) {
    lastUsed = now;
    Entry.Dedup id = entry.dedup();
    if (id != null) {
      Outcome<Accepted> known = known(id, entry, sender, now);
      if (known != null) {
        return known;
      }
    }
    log.add(entry.withoutDedup(), now);
    for (Subscription subscription : subscriptions) {
      subscription.message(epoch, log.head(), entry);
    }
    return new Accepted(epoch, log.head(), entry.timestamp(), false);
  }

  /** What becomes of a message by its id; null if it is new, and remembered from now on. */
  private @Nullable Outcome<Accepted> known(Entry.Dedup id, Entry entry, Account sender, long now) {
    IdHash hash = IdHash.of(id);
    DedupWindow.Accepted first = dedup.find(hash, now);
    if (first != null) {
      return first.contentHash() == id.contentHash()
          ? new Accepted(epoch, first.offset(), first.timestamp(), true)
          : new Refused<>(ErrorCode.ID_CONFLICT);
    }
    DedupWindow.Accepted accepted =
        new DedupWindow.Accepted(log.head() + 1, entry.timestamp(), id.contentHash());
    return dedup.put(hash, sender.name(), accepted, now)
        ? null
        : new Refused<>(ErrorCode.BROKER_UNAVAILABLE);
  }

  void announce(Consumer<RoomListener> event) {
    for (Subscription subscription : subscriptions) {
      subscription.event(event);
    }
  }

  void enter(UserId user, String username, long incarnation, long now) {
    lastUsed = now;
    announce(users.enter(user, username, incarnation, now));
  }

  void exit(UserId user, long incarnation, long now) {
    lastUsed = now;
    announce(users.exit(user, incarnation, now));
  }

  private void announce(@Nullable PresenceChange change) {
    if (change != null) {
      announce(listener -> listener.presence(change));
    }
  }

  LogPage read(long from, int limit, int mostBytes, long now) {
    log.trim(now);
    return log.page(epoch, from, limit, mostBytes);
  }

  HistoryPage history(long from, boolean older, int limit, int mostBytes, long now) {
    log.trim(now);
    return log.history(epoch, from, older, limit, mostBytes);
  }

  Deletion delete(long offset, long now) {
    log.trim(now);
    if (!log.delete(offset)) {
      return Deletion.ABSENT;
    }
    announce(listener -> listener.deleted(offset));
    return Deletion.DELETED;
  }

  void markRead(List<ReadMark> all, long now) {
    lastUsed = now;
    if (marks == null) {
      marks = new RoomMarks();
    }
    List<ReadMark> moved = marks.move(all, log.head());
    if (!moved.isEmpty()) {
      announce(listener -> listener.read(moved));
    }
  }

  ReadMarks readMarks(List<UserId> of, @Nullable ReadMark after, int limit) {
    RoomMarks known = marks;
    return new ReadMarks(
        epoch,
        log.head(),
        of.stream().map(user -> known == null ? 0 : known.offset(user)).toList(),
        known == null ? List.of() : known.newest(after, limit));
  }

  List<Present> present(@Nullable UserId after, int limit) {
    return users.present(after, limit);
  }

  boolean isPresent(UserId user) {
    return users.has(user);
  }

  /** Lets go of what is too old; true if the room itself is, and is from now on forgotten. */
  boolean sweep(long now) {
    log.trim(now);
    dedup.rotate(now);
    if (isUnused()
        && now - lastUsed > (log.head() == 0 ? UNUSED_MS : retention.idle().toMillis())) {
      forget();
    }
    return forgotten;
  }

  /**
   * Lets go of the oldest messages until enough is free, or others have more; true if the room has
   * none and is from now on forgotten.
   */
  boolean evict() {
    if (place == EvictionOrder.VACANT) {
      memory.evicted();
      forget();
    }
    for (int i = 0; i < EVICTED_AT_ONCE && !log.isEmpty() && memory.isAboveTarget(); i++) {
      int before = place;
      log.removeOldest();
      memory.evicted();
      settle();
      if (place != before) {
        break;
      }
    }
    return forgotten;
  }

  private boolean isUnused() {
    return subscriptions.isEmpty() && users.members() == 0;
  }

  private void forget() {
    evictions.move(this, place, EvictionOrder.NOWHERE);
    place = EvictionOrder.NOWHERE;
    dedup.clear();
    memory.add(-counted);
    counted = 0;
    forgotten = true;
  }
}
