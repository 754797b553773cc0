package dev.parley.room;

import dev.parley.broker.LogPage;
import dev.parley.broker.RoomChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The log as those read it who catch up: in pages that a thousand returning clients share. Owned by
 * the room's home lane.
 *
 * <p>A page begins where 256 offsets begin, unless the broker cuts it by bytes before the wanted
 * one: then it begins there. One read of a page is under way at a time; pages are kept for 10 s,
 * within a budget of bytes for the room.
 */
final class Pages {
  static final int SIZE = 256;
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long MAX_BYTES = 16 * 1024 * 1024;

  private final Room room;
  private final RoomChannel channel;
  private final ArrayList<Page> kept = new ArrayList<>();
  private final Map<Long, List<Reader>> reading = new HashMap<>();
  private long bytes;

  private record Reader(long offset, Consumer<Page> answer) {}

  Pages(Room room, RoomChannel channel) {
    this.room = room;
    this.channel = channel;
  }

  /**
   * Answers on the home lane, with a page that covers the offset, or begins later where it is no
   * longer kept.
   */
  void read(long offset, Consumer<Page> answer) {
    long aligned = (offset - 1) / SIZE * SIZE + 1;
    read(offset, aligned, answer);
  }

  void forget() {
    kept.clear();
    bytes = 0;
  }

  private void read(long offset, long from, Consumer<Page> answer) {
    dropOld();
    for (int i = kept.size() - 1; i >= 0; i--) {
      if (kept.get(i).covers(offset)) {
        answer.accept(kept.get(i));
        return;
      }
    }
    Reader reader = new Reader(offset, answer);
    List<Reader> waiting = reading.get(from);
    if (waiting != null) {
      waiting.add(reader);
      return;
    }
    reading.put(from, new ArrayList<>(List.of(reader)));
    channel.read(from, SIZE, log -> answer(from, log));
  }

  private void answer(long from, LogPage log) {
    // An entry of another epoch than the room's is not yet to be told: the room hears of the epoch
    // first.
    boolean usable = !log.failed() && log.epoch().equals(room.epoch());
    Page page =
        usable ? new Page(room.name(), room.withoutDeleted(log), System.nanoTime()) : Page.FAILED;
    if (usable && !page.isEmpty()) {
      kept.add(page);
      bytes += page.weight();
      dropOld();
    }
    List<Reader> readers = reading.remove(from);
    for (Reader reader : readers == null ? List.<Reader>of() : readers) {
      long offset = reader.offset();
      if (page.failed() || page.covers(offset) || page.first() > offset || from == offset) {
        reader.answer().accept(page);
      } else {
        read(offset, offset, reader.answer());
      }
    }
  }

  /** Lets go of what was not read for long enough, or is too much. */
  void dropOld() {
    long now = System.nanoTime();
    Iterator<Page> oldest = kept.iterator();
    while (oldest.hasNext()) {
      Page page = oldest.next();
      if (bytes <= MAX_BYTES && now - page.readAt() < KEPT_NANOS) {
        return;
      }
      bytes -= page.weight();
      oldest.remove();
    }
  }
}
