package dev.parley.broker;

import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room's log, bus and presence in memory. Its monitor guards all of it; subscribers' mailboxes
 * are filled while it is held, so every subscriber hears the room's events in one order.
 */
final class EmbeddedRoom {
  private static final class Stored {
    private Entry entry;
    private final long storedAt;

    Stored(Entry entry, long storedAt) {
      this.entry = entry;
      this.storedAt = storedAt;
    }
  }

  /** Nothing is lost with a room that never had a message: it costs memory no longer than this. */
  private static final long UNUSED_MS = Duration.ofMinutes(10).toMillis();

  private final HistoryProperties history;
  private final LogMemory memory;
  private final Epoch epoch = Epoch.random();
  private final ArrayDeque<Stored> log = new ArrayDeque<>();
  private final DedupWindow dedup = new DedupWindow();
  private final RoomUsers users = new RoomUsers();
  private final List<EmbeddedSubscription> subscriptions = new ArrayList<>();

  /** Offsets of the messages in the log whose content was removed. */
  private final TreeSet<Long> deleted = new TreeSet<>();

  private long head;
  private long lastUsed;
  private boolean forgotten;

  EmbeddedRoom(HistoryProperties history, LogMemory memory) {
    this.history = history;
    this.memory = memory;
  }

  /** Whether the room was dropped for idleness: its successor is to be asked instead. */
  boolean isForgotten() {
    return forgotten;
  }

  void subscribe(EmbeddedSubscription subscription, long now) {
    lastUsed = now;
    subscriptions.add(subscription);
    subscription.opened(
        new Head(
            epoch,
            head,
            List.of(),
            users.members(),
            users.version(),
            users.large(),
            deleted.descendingSet().stream().limit(Head.MOST_DELETED).toList()));
  }

  void unsubscribe(EmbeddedSubscription subscription) {
    subscriptions.remove(subscription);
  }

  Outcome publish(Entry entry, long now) {
    lastUsed = now;
    Entry.Dedup id = entry.dedup();
    if (id != null) {
      DedupWindow.Accepted first = dedup.find(id, now);
      if (first != null) {
        return first.contentHash() == id.contentHash()
            ? new Accepted(epoch, first.offset(), first.timestamp(), true)
            : new Refused(ErrorCode.ID_CONFLICT);
      }
    }
    head++;
    log.addLast(new Stored(entry, now));
    memory.add(entry);
    trim(now);
    while (memory.isExceeded() && log.size() > 1) {
      removeOldest();
    }
    if (id != null) {
      dedup.put(id, new DedupWindow.Accepted(head, entry.timestamp(), id.contentHash()), now);
    }
    for (EmbeddedSubscription subscription : subscriptions) {
      subscription.message(epoch, head, entry);
    }
    return new Accepted(epoch, head, entry.timestamp(), false);
  }

  void announce(Consumer<RoomListener> event) {
    for (EmbeddedSubscription subscription : subscriptions) {
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
    trim(now);
    long oldest = oldest();
    long first = Math.max(from, oldest);
    List<Entry> entries = new ArrayList<>();
    int bytes = 0;
    Iterator<Stored> stored = from(first);
    while (stored.hasNext() && entries.size() < limit) {
      Entry entry = stored.next().entry;
      bytes += entry.tail().length;
      if (bytes > mostBytes && !entries.isEmpty()) {
        break;
      }
      entries.add(entry);
    }
    return new LogPage(false, epoch, head, oldest, first, entries);
  }

  /** Lets go of what is too old; true where the room itself is, and is from now on forgotten. */
  boolean sweep(long now) {
    trim(now);
    dedup.rotate(now);
    forgotten =
        subscriptions.isEmpty()
            && users.members() == 0
            && now - lastUsed > (head == 0 ? UNUSED_MS : history.idle().toMillis());
    if (forgotten) {
      log.forEach(stored -> memory.remove(stored.entry));
    }
    return forgotten;
  }

  Deletion delete(long offset, long now) {
    trim(now);
    if (offset < oldest() || offset > head) {
      return Deletion.ABSENT;
    }
    Stored stored = from(offset).next();
    if (stored.entry.isDeleted()) {
      return Deletion.ABSENT;
    }
    memory.remove(stored.entry);
    stored.entry = Entry.DELETED;
    memory.add(stored.entry);
    deleted.add(offset);
    announce(listener -> listener.deleted(offset));
    return Deletion.DELETED;
  }

  List<Present> present(@Nullable UserId after, int limit) {
    return users.present(after, limit);
  }

  /** Offset of the oldest message in the log; that of the next one where there is none. */
  private long oldest() {
    return head - log.size() + 1;
  }

  /** What the log has from this offset on, which is not below the oldest. */
  private Iterator<Stored> from(long offset) {
    Iterator<Stored> stored = log.iterator();
    for (long skipped = oldest(); skipped < offset && stored.hasNext(); skipped++) {
      stored.next();
    }
    return stored;
  }

  private void trim(long now) {
    long oldestKept = now - history.retention().toMillis();
    Stored oldest = log.peekFirst();
    while (oldest != null && (log.size() > history.size() || oldest.storedAt < oldestKept)) {
      removeOldest();
      oldest = log.peekFirst();
    }
    deleted.headSet(oldest()).clear();
  }

  private void removeOldest() {
    memory.remove(log.removeFirst().entry);
  }
}
