package dev.parley.room;

import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.delivery.Lane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The log as it is read by members who catch up: in pages that a thousand returning clients share.
 * Owned by the room's home lane.
 *
 * <p>Pages begin at fixed offsets, 256 apart. If 256 KiB end before the wanted offset, another page
 * begins at that offset. One read of a page is under way at a time; pages are kept for 10 s, as
 * long as the {@link ReplayMemory} of all rooms has room for them.
 */
final class Pages {
  static final int SIZE = 256;

  /** A page ends at so many bytes of messages. */
  static final int BYTES = 256 * 1024;

  /** What a page of this many bytes holds at most, unless its only message is longer. */
  private static final long TAKEN = BYTES + SIZE * (Page.MESSAGE_BYTES + 200L);

  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final RoomHome home;
  private final Cursor cursor;
  private final Deletions deletions;
  private final ReplayMemory memory;
  private final ArrayList<Page> kept = new ArrayList<>(0);
  private final Map<Long, Reading> reading = new HashMap<>(0);

  /**
   * @param answer must {@linkplain ReplayMemory#release release} the page
   */
  private record Reader(long offset, String account, Consumer<Page> answer) {}

  /** A page that is being read, or will be when one of its readers has the memory for it. */
  private static final class Reading {
    private final List<Reader> readers = new ArrayList<>(1);

    /** On whose behalf the memory was taken. */
    private @Nullable String payer;
  }

  Pages(RoomHome home, Cursor cursor, Deletions deletions, ReplayMemory memory) {
    this.home = home;
    this.cursor = cursor;
    this.deletions = deletions;
    this.memory = memory;
  }

  /**
   * Answers on the home lane, with a page that covers the offset, or begins later if it is no
   * longer kept.
   *
   * @param account on whose behalf memory is taken if the log has to be read
   * @param answer must {@linkplain ReplayMemory#release release} the page
   */
  void read(long offset, String account, Consumer<Page> answer) {
    Reader reader = new Reader(offset, account, answer);
    Page page = kept(offset);
    if (page != null) {
      answer.accept(page);
      return;
    }
    long aligned = (offset - 1) / SIZE * SIZE + 1;
    // A page from there that is known not to reach this far need not be read again.
    boolean cut = kept.stream().anyMatch(each -> each.first() == aligned);
    read(cut ? offset : aligned, reader);
  }

  boolean isReading() {
    return !reading.isEmpty();
  }

  void forget() {
    kept.forEach(memory::drop);
    kept.clear();
  }

  /**
   * The log said that the message at this offset is deleted, perhaps before the bus does. Members
   * that were told so must not be shown it again, from a page that was read earlier.
   */
  void deleted(long offset) {
    drop(page -> page.shows(offset));
  }

  private @Nullable Page kept(long offset) {
    dropOld();
    for (int i = kept.size() - 1; i >= 0; i--) {
      Page page = kept.get(i);
      if (page.covers(offset) && memory.retain(page)) {
        return page;
      }
    }
    return null;
  }

  private void read(long from, Reader reader) {
    Reading same = reading.computeIfAbsent(from, absent -> new Reading());
    boolean asks =
        same.payer == null
            && same.readers.stream().noneMatch(each -> each.account().equals(reader.account()));
    same.readers.add(reader);
    if (asks) {
      // Each user waits for itself: one whose share is used up must not keep the others waiting.
      memory.take(reader.account(), TAKEN, home.lane(), () -> begin(from, same, reader.account()));
    }
  }

  private void begin(long from, Reading of, String account) {
    if (of.payer != null) {
      memory.give(account, TAKEN);
      return;
    }
    of.payer = account;
    home.channel().read(from, SIZE, BYTES, outcome -> answer(from, of, account, outcome));
  }

  private void answer(long from, Reading of, String account, Outcome<LogPage> outcome) {
    reading.remove(from);
    List<Reader> readers = of.readers;
    // An entry of another epoch than the room's is not yet to be told: the room hears of the epoch
    // first.
    Page page =
        outcome instanceof LogPage log && log.epoch().equals(cursor.epoch())
            ? new Page(home.name(), deletions.mask(log), System.nanoTime())
            : Page.FAILED;
    if (page.isEmpty()) {
      memory.give(account, TAKEN);
    } else {
      memory.keep(page, readers.size(), account, TAKEN);
      kept.add(page);
    }
    for (Reader reader : readers) {
      Lane.attempt(() -> answer(reader, from, page));
    }
  }

  private void answer(Reader reader, long from, Page page) {
    long offset = reader.offset();
    if (page.failed() || page.covers(offset) || page.first() > offset || from == offset) {
      reader.answer().accept(page);
    } else {
      memory.release(page);
      read(offset, reader);
    }
  }

  /** Lets go of what was read too long ago, or evicted. */
  void dropOld() {
    long now = System.nanoTime();
    drop(page -> now - page.readAt() >= KEPT_NANOS);
  }

  private void drop(Predicate<Page> unwanted) {
    kept.removeIf(page -> {
      if (unwanted.test(page)) {
        memory.drop(page);
      }
      return !memory.isKept(page);
    });
  }
}
