package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.budget.Budget;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Fills holes in the messages of a room: reads the missing ones from the log before anything newer
 * goes out. Messages that arrive in the meantime are held, as far as the limit and the instance's
 * budget allow; beyond that they are read from the log as well. While a lane does not keep up with
 * the room, nothing is read. Owned by the room's home lane.
 */
final class Refill {

  /*
   * Three facts are enough to describe it: the cursor's next offset, the offset "through" up to
   * which messages are known to exist, and what is held, in the order of the bus:
   *
   *      sent          missing            held      missing     held
   *   ----------|-------------------|============|...........|========|
   *          next                  first                           through
   *
   * It runs while next <= through. Each step reads one page from next on and delivers it, then
   * releases what is held and follows on by then. Whatever moves "through" further while it runs
   * (a later batch, a head, a resume that is ahead) needs no state of its own: the loop ends later.
   *
   * Holding is only an optimisation. A batch that finds no memory is dropped, and "through" is
   * moved to its end, so it is read from the log when its turn comes. Therefore a flooded room
   * costs reads rather than memory, and nothing depends on how much can be held.
   *
   * The log may have lost its beginning (trimmed) or its end (a failover whose epoch is not known
   * here yet). Only what neither the log nor the held batches have becomes a gap, and the gap ends
   * at the next held message: a message that did arrive is never declared missing.
   *
   * Reads are answered later, perhaps when a new epoch has begun. Their numbers mean other
   * messages then, so each read remembers the generation in which it was begun, and is ignored if
   * it is not the current one.
   */

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

  private final RoomHome home;
  private final Cursor cursor;
  private final OrderedMessages messages;
  private final BooleanSupplier behind;
  private final Runnable done;
  private final Budget budget;
  private final RoomMetrics metrics;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private long through;
  private boolean running;
  private long heldBytes;

  /** Answers of reads that were begun before the last stop are not meant any more. */
  private int generation;

  /**
   * @param behind whether a lane takes too slowly what it is sent: nothing is read then
   * @param done runs when everything that was missing has been read
   * @param budget of what is held
   */
  Refill(
      RoomHome home,
      Cursor cursor,
      OrderedMessages messages,
      BooleanSupplier behind,
      Runnable done,
      Budget budget,
      RoomMetrics metrics) {
    this.home = home;
    this.cursor = cursor;
    this.messages = messages;
    this.behind = behind;
    this.done = done;
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
    if (!running && cursor.next() <= through) {
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
    if (behind.getAsBoolean()) {
      readLater();
      return;
    }
    int begun = generation;
    home.channel()
        .read(
            cursor.next(),
            Pages.SIZE,
            outcome -> {
              if (begun == generation) {
                read(outcome);
              }
            });
  }

  private void read(Outcome<LogPage> outcome) {
    if (!(outcome instanceof LogPage page) || !page.epoch().equals(cursor.epoch())) {
      readLater();
      return;
    }
    boolean empty = page.entries().isEmpty();
    long first = empty ? page.oldest() : page.first();
    // Up to here the log has nothing: what is held is all there is.
    skipOrRelease(empty ? Math.min(first, through + 1) : first);
    if (!empty) {
      messages.deliver(page.first(), page.entries());
      releaseHeld();
    } else if (first <= cursor.next()) {
      // The log ends before the head that was told: those messages cannot be had.
      skipOrRelease(through + 1);
    }
    if (cursor.next() <= through) {
      read();
    } else {
      running = false;
      done.run();
    }
  }

  private void readLater() {
    int begun = generation;
    home.lane()
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
    while (cursor.next() < offset) {
      Held earliest = held.peek();
      messages.skipTo(earliest == null ? offset : Math.min(offset, earliest.first()));
      releaseHeld();
    }
  }

  private void releaseHeld() {
    for (Held each = held.peek();
        each != null && each.first() <= cursor.next();
        each = held.peek()) {
      held.remove();
      heldBytes -= each.weight();
      budget.add(-each.weight());
      if (each.end() > cursor.next()) {
        messages.deliver(each.first(), each.entries());
      }
    }
    if (!held.isEmpty()) {
      through = Math.max(through, held.peek().first() - 1);
    }
  }
}
