package dev.parley.delivery;

import java.util.Arrays;

/**
 * The frames that are due to one connection, oldest first, and how far into the first of them has
 * been written. An array and an index rather than a linked queue: it is walked by position for
 * every batch, and an idle connection holds none.
 */
final class FrameQueue {
  private static final byte[][] NONE = {};

  private byte[][] frames = NONE;
  private int head;
  private int tail;
  private int offset;
  private long bytes;

  void add(byte[] frame) {
    if (tail == frames.length) {
      makeRoom();
    }
    frames[tail++] = frame;
    bytes += frame.length;
  }

  int size() {
    return tail - head;
  }

  boolean isEmpty() {
    return tail == head;
  }

  byte[] get(int index) {
    return frames[head + index];
  }

  /** How many bytes of the first frame are gone already. */
  int offset() {
    return offset;
  }

  /** Bytes that are left. */
  long bytes() {
    return bytes;
  }

  /**
   * How long the next batch is: as many whole frames as fit, or a piece of one that does not fit by
   * itself.
   */
  int nextBatchBytes(int max) {
    int length = frames[head].length - offset;
    if (length >= max) {
      return max;
    }
    for (int i = head + 1; i < tail && length + frames[i].length <= max; i++) {
      length += frames[i].length;
    }
    return length;
  }

  /** Takes this many bytes off the front; answers how many frames ended within them. */
  int remove(int count) {
    bytes -= count;
    int ended = 0;
    int left = count + offset;
    offset = 0;
    while (left > 0) {
      int length = frames[head].length;
      if (left < length) {
        offset = left;
        break;
      }
      left -= length;
      frames[head++] = null;
      ended++;
    }
    if (head == tail) {
      release();
    }
    return ended;
  }

  /** Drops all but the frame that was begun, whose rest has to follow. */
  void dropUnbegun() {
    if (offset == 0) {
      clear();
      return;
    }
    byte[] begun = frames[head];
    int gone = offset;
    clear();
    add(begun);
    offset = gone;
    bytes -= gone;
  }

  void clear() {
    Arrays.fill(frames, head, tail, null);
    offset = 0;
    bytes = 0;
    release();
  }

  private void release() {
    head = 0;
    tail = 0;
    if (frames.length > 64) {
      frames = NONE;
    }
  }

  private void makeRoom() {
    int size = size();
    byte[][] target =
        size > frames.length / 2 || frames.length == 0 ? new byte[Math.max(4, size * 2)][] : frames;
    System.arraycopy(frames, head, target, 0, size);
    if (target == frames) {
      Arrays.fill(frames, size, tail, null);
    }
    frames = target;
    head = 0;
    tail = size;
  }
}
