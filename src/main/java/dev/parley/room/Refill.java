package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import dev.parley.broker.RoomChannel;
import dev.parley.budget.Budget;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Closes holes in what a room was sent: reads what is missing from the log before anything newer
 * goes out. What arrives meanwhile is held, as far as the bound and the instance's budget allow;
 * beyond it the log is read further. While a lane does not take what the room tells it, nothing is
 * read. Owned by the room's home lane.
 */
final class Refill {
  private static final long MAX_HELD_BYTES = 8 * 1024 * 1024;
  private static final Duration RETRY = Duration.ofMillis(250);

  private record Held(long first, List<Entry> entries) {
    long end() {
      return first + entries.size();
    }

    long weight() {
      long weight = 0;
      for (Entry entry : entries) {
        weight += 64 + entry.tail().length;
      }
      return weight;
    }
  }

  private final Room room;
  private final RoomChannel channel;
  private final Budget budget;
  private final RoomMetrics metrics;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private long through;
  private boolean running;
  private long heldBytes;

  /** Answers of reads that were begun before the last stop are not meant any more. */
  private int generation;

  /**
   * @param budget of what is held
   */
  Refill(Room room, RoomChannel channel, Budget budget, RoomMetrics metrics) {
    this.room = room;
    this.channel = channel;
    this.budget = budget;
    this.metrics = metrics;
  }

  boolean isRunning() {
    return running;
  }

  void hold(long first, List<Entry> entries) {
    Held more = new Held(first, entries);
    long weight = more.weight();
    if (heldBytes + weight <= MAX_HELD_BYTES && budget.tryTakeOfFree(heldBytes, weight)) {
      heldBytes += weight;
      held.add(more);
    } else {
      through = Math.max(through, first + entries.size() - 1);
    }
  }

  /** Reads up to this offset. */
  void through(long offset) {
    through = Math.max(through, offset);
    if (!running && room.next() <= through) {
      running = true;
      metrics.refilled();
      read();
    }
  }

  /** Positions begin anew: what was held is void. */
  void stop() {
    generation++;
    running = false;
    through = 0;
    held.clear();
    budget.add(-heldBytes);
    heldBytes = 0;
  }

  private void read() {
    if (room.isBehind()) {
      readLater();
      return;
    }
    int begun = generation;
    channel.read(
        room.next(),
        Pages.SIZE,
        page -> {
          if (begun == generation) {
            read(page);
          }
        });
  }

  private void read(LogPage page) {
    if (page.failed() || !page.epoch().equals(room.epoch())) {
      readLater();
      return;
    }
    boolean empty = page.entries().isEmpty();
    long first = empty ? page.oldest() : page.first();
    // Up to here the log has nothing: what is held is all there is.
    skipOrRelease(empty ? Math.min(first, through + 1) : first);
    if (!empty) {
      room.deliver(page.first(), page.entries());
      releaseHeld();
    } else if (first <= room.next()) {
      // The log ends before the head that was told: those messages cannot be had.
      skipOrRelease(through + 1);
    }
    if (room.next() <= through) {
      read();
    } else {
      running = false;
      room.caughtUp();
    }
  }

  private void readLater() {
    int begun = generation;
    room.lane()
        .schedule(
            () -> {
              if (begun == generation && running) {
                read();
              }
            },
            RETRY);
  }

  /** Hands on what is held up to this offset, and tells of what is neither held nor in the log. */
  private void skipOrRelease(long offset) {
    releaseHeld();
    while (room.next() < offset) {
      Held earliest = held.peek();
      room.skipTo(earliest == null ? offset : Math.min(offset, earliest.first()));
      releaseHeld();
    }
  }

  private void releaseHeld() {
    for (Held each = held.peek(); each != null && each.first() <= room.next(); each = held.peek()) {
      held.remove();
      heldBytes -= each.weight();
      budget.add(-each.weight());
      if (each.end() > room.next()) {
        room.deliver(each.first(), each.entries());
      }
    }
    if (!held.isEmpty()) {
      through = Math.max(through, held.peek().first() - 1);
    }
  }
}
