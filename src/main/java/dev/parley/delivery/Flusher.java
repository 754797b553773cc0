package dev.parley.delivery;

import dev.parley.budget.Budget;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes, at the end of a turn, what became due in it. Belongs to one lane.
 *
 * <p>Connections that are due the same frames share the batches into which these were copied. The
 * batches of the previous connection are kept, and used again one by one as long as the next
 * connection's queue has the very same frames (compared by identity). Two hundred members of a room
 * cost one copy and two hundred writes.
 */
final class Flusher {

  /*
   * How batches are shared. The queues of a room's members end in the very same arrays, because a
   * room frame is encoded once. So the flusher keeps the batches of the connection that it has just
   * written, and walks the next one's queue along them:
   *
   *   queue of A   f1 f2 f3        batches   [f1 f2 f3]              copied once
   *   queue of B   f1 f2 f3                  [f1 f2 f3]              step 0 is known: no copy
   *   queue of C   f1 f2 f3 g                [f1 f2 f3 g]            step 0 differs: copied anew
   *   queue of D   f1 f2 f3 g                [f1 f2 f3 g]            known again
   *
   * A batch is compared by identity, length, and the offset within its first frame, so the check
   * costs one comparison for each frame and never looks at bytes. At the first step that differs,
   * the remaining batches are forgotten: a queue that has left the others' sequence does not come
   * back to it in this turn. There is no map from frames to batches, since the members of a room
   * become due one after the other, in the same order in every turn.
   *
   * Who holds a batch. It is counted, without atomics because it never leaves its lane: once for
   * "shared", and once for each connection that is writing it. The last release gives the buffer
   * back to the pool.
   *
   * A connection, as the flusher sees it:
   *
   *   idle ─send─► due ─flush─┬─ socket took all ──► idle
   *                  ▲        └─ socket is full ───► stalled (its batch is "current")
   *                  └─ written, and more waits ─────────┘
   *
   * It is in "due" at most once. A stalled connection is never in "due": what it is sent waits as
   * references in its queue, and is counted in "stalled", from which the largest is chosen to go if
   * the instance holds too much. What waits only for the end of the turn is not counted: it is
   * bounded by the turn.
   */

  private final Budget total;
  private final LaneCounters counters = new LaneCounters();
  private final BatchPool pool = new BatchPool();
  private final ArrayList<Outbound> stalled = new ArrayList<>();
  private final List<WriteBatch> shared = new ArrayList<>();
  private ArrayList<Outbound> due = new ArrayList<>();
  private ArrayList<Outbound> flushing = new ArrayList<>();
  private int next;
  private long frames;
  private long bytes;
  private long writes;

  /** What the instance's total is still to be told. */
  private long stalledChange;

  Flusher(Budget total) {
    this.total = total;
  }

  LaneCounters counters() {
    return counters;
  }

  void due(Outbound outbound) {
    due.add(outbound);
  }

  /** Writes to at most this many connections; true if some are left for another turn. */
  boolean flush(int max) {
    if (next == flushing.size()) {
      flushing.clear();
      next = 0;
      ArrayList<Outbound> empty = flushing;
      flushing = due;
      due = empty;
    }
    int end = Math.min(flushing.size(), next + max);
    while (next < end) {
      Outbound outbound = flushing.get(next++);
      if (outbound.beginFlush()) {
        attempt(outbound);
      }
    }
    forgetFrom(0);
    if (writes > 0) {
      counters.add(frames, bytes, writes);
      frames = bytes = writes = 0;
    }
    tellTotal();
    if (total.isExceeded()) {
      closeLargest();
      tellTotal();
    }
    return next < flushing.size() || !due.isEmpty();
  }

  void release(WriteBatch batch) {
    pool.release(batch);
  }

  /** The connection's backlog grew while its socket is full. */
  void stalled(Outbound outbound) {
    if (outbound.stalledIndex < 0) {
      outbound.stalledIndex = stalled.size();
      stalled.add(outbound);
    }
    account(outbound, outbound.pinned());
  }

  /** The connection's socket takes bytes again, or is gone. */
  void recovered(Outbound outbound) {
    int index = outbound.stalledIndex;
    if (index < 0) {
      return;
    }
    Outbound last = stalled.removeLast();
    if (last != outbound) {
      stalled.set(index, last);
      last.stalledIndex = index;
    }
    outbound.stalledIndex = -1;
    account(outbound, 0);
  }

  private void account(Outbound outbound, long backlog) {
    stalledChange += backlog - outbound.stalledBytes;
    outbound.stalledBytes = backlog;
  }

  private void tellTotal() {
    if (stalledChange != 0) {
      total.add(stalledChange);
      stalledChange = 0;
    }
  }

  private void attempt(Outbound outbound) {
    try {
      write(outbound);
    } catch (RuntimeException | Error fault) {
      // Out of direct memory, say: this connection has to go, but the others keep their turn.
      outbound.failed(fault);
    }
  }

  private void write(Outbound outbound) {
    FrameQueue queue = outbound.queue();
    int step = 0;
    while (!queue.isEmpty()) {
      WriteBatch batch = batch(step++, queue);
      int ended = queue.remove(batch.length());
      batch.retain();
      writes++;
      bytes += batch.length();
      frames += ended;
      if (!outbound.write(batch)) {
        if (outbound.backlog() > 0) {
          stalled(outbound);
        }
        return;
      }
    }
    outbound.drained();
  }

  private WriteBatch batch(int step, FrameQueue queue) {
    int length = queue.nextBatchBytes(WriteBatch.MAX_BYTES);
    if (step < shared.size()) {
      WriteBatch known = shared.get(step);
      if (known.isNextOf(queue, length)) {
        return known;
      }
      forgetFrom(step);
    }
    WriteBatch batch = pool.acquire(length);
    batch.fill(queue, length);
    shared.add(batch);
    return batch;
  }

  private void forgetFrom(int step) {
    for (int i = shared.size() - 1; i >= step; i--) {
      pool.release(shared.remove(i));
    }
  }

  /**
   * Each lane gives up its own largest: more than one connection may go, never one that keeps up.
   */
  private void closeLargest() {
    Outbound largest = null;
    for (Outbound outbound : stalled) {
      if (outbound.isOpen() && (largest == null || outbound.backlog() > largest.backlog())) {
        largest = outbound;
      }
    }
    if (largest != null) {
      largest.overflow();
    }
  }
}
