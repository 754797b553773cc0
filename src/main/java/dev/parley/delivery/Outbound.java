package dev.parley.delivery;

import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The queue of everything that is sent to one connection, and its only writer. Belongs to the
 * connection's lane; every method is called there.
 *
 * <p>Frames that are sent within a turn leave together at its end. While a write is outstanding,
 * because the reader is slower than we are, frames wait as references to the bytes that all
 * subscribers share; above the limit the socket is told that it {@linkplain Socket#overflowed
 * overflowed}. A burst of any size to a reader that keeps up is no overflow.
 */
public final class Outbound {

  private enum State {
    OPEN,
    FINISHING,
    CLOSED
  }

  private final Lane lane;
  private final Socket socket;
  private final long limit;
  private final FrameQueue queue = new FrameQueue();
  private State state = State.OPEN;
  private boolean due;
  private @Nullable WriteBatch current;
  private long stalledSince;
  private @Nullable ArrayDeque<Runnable> waiters;
  private @Nullable Runnable finished;

  /**
   * Position in the flusher's list of stalled connections, -1 if this is none; kept by the flusher.
   */
  int stalledIndex = -1;

  /** What the instance's total has been told to wait here; kept by the flusher. */
  long stalledBytes;

  /**
   * @param limit bytes that may wait for the reader; half of it is the {@linkplain #hasRoom soft
   *     limit}
   */
  public Outbound(Lane lane, Socket socket, long limit) {
    this.lane = lane;
    this.socket = socket;
    this.limit = limit;
  }

  public Lane lane() {
    return lane;
  }

  /** Sends complete frames, never changed afterwards; dropped once the connection is closing. */
  public void send(byte[] frame) {
    assert lane.inLane();
    if (state != State.OPEN) {
      return;
    }
    queue.add(frame);
    if (current == null) {
      becomeDue();
      return;
    }
    lane.flusher().stalled(this);
    if (backlog() > limit) {
      socket.overflowed();
    }
  }

  /** Bytes that the socket has not taken yet. */
  public long backlog() {
    return queue.bytes() + (current == null ? 0 : current.length());
  }

  /** Bytes that waiting for this reader keeps in memory: the buffer of a batch counts whole. */
  long pinned() {
    return queue.bytes() + (current == null ? 0 : current.capacity());
  }

  /**
   * How long the socket has taken nothing at all, in nanoseconds; 0 if it takes what it is given.
   */
  public long stalledNanos(long now) {
    return current == null ? 0 : now - stalledSince;
  }

  /**
   * Whether less than half of the limit waits: replay is paced by this, so that catching up is not
   * being slow.
   */
  public boolean hasRoom() {
    return backlog() < limit / 2;
  }

  /**
   * Runs the task on the lane once there {@linkplain #hasRoom is room} again; never if the
   * connection ends first.
   */
  public void whenRoom(Runnable task) {
    if (state != State.OPEN) {
      return;
    }
    if (waiters == null) {
      waiters = new ArrayDeque<>();
    }
    waiters.add(task);
  }

  public boolean isOpen() {
    return state == State.OPEN;
  }

  /** Drops all but a frame that was begun, sends this last one, and tells when it is written. */
  public void finish(byte[] last, Runnable whenWritten) {
    if (state != State.OPEN) {
      return;
    }
    state = State.FINISHING;
    finished = whenWritten;
    waiters = null;
    queue.dropUnbegun();
    queue.add(last);
    if (current == null) {
      becomeDue();
    } else {
      lane.flusher().stalled(this);
    }
  }

  /** Nothing is written any more and nothing is held; the socket is gone. */
  public void close() {
    state = State.CLOSED;
    finished = null;
    waiters = null;
    queue.clear();
    releaseCurrent();
    lane.flusher().recovered(this);
  }

  /** The outstanding write is done. */
  public void written() {
    releaseCurrent();
    lane.flusher().recovered(this);
    if (state == State.CLOSED) {
      return;
    }
    if (queue.isEmpty()) {
      drained();
    } else {
      becomeDue();
    }
  }

  /** The outstanding write failed. */
  public void failed(Throwable cause) {
    close();
    socket.broken(cause);
  }

  FrameQueue queue() {
    return queue;
  }

  /** Chosen to go, since the instance as a whole holds too much. */
  void overflow() {
    socket.overflowed();
  }

  /** The flusher's turn with this connection begins: it may become due again. */
  boolean beginFlush() {
    due = false;
    return state != State.CLOSED && current == null;
  }

  /** Writes a batch that was taken off the queue; false if the socket is full now. */
  boolean write(WriteBatch batch) {
    try {
      if (socket.flush(batch.view())) {
        lane.flusher().release(batch);
        return true;
      }
      current = batch;
      stalledSince = System.nanoTime();
      socket.write(batch.rest());
    } catch (IOException | RuntimeException broken) {
      if (current == null) {
        lane.flusher().release(batch);
      }
      failed(broken);
    }
    return false;
  }

  /** Everything that was due is written. */
  void drained() {
    if (state == State.FINISHING && finished != null) {
      Runnable whenWritten = finished;
      finished = null;
      whenWritten.run();
    } else if (waiters != null && hasRoom()) {
      ArrayDeque<Runnable> ready = waiters;
      waiters = null;
      ready.forEach(lane::execute);
    }
  }

  private void becomeDue() {
    if (!due) {
      due = true;
      lane.flusher().due(this);
    }
  }

  private void releaseCurrent() {
    if (current != null) {
      lane.flusher().release(current);
      current = null;
    }
  }
}
