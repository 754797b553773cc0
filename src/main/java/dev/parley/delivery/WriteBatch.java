package dev.parley.delivery;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A batch of frames in one direct buffer, written as it is to every connection that is due the same
 * frames. Counted by its lane: the buffer goes back to the pool when the last write of it is done.
 *
 * <p>It holds whole frames, or one piece of a frame that is larger than a batch.
 */
final class WriteBatch {
  static final int MAX_BYTES = 64 * 1024;

  private final ByteBuffer buffer;
  private byte[][] frames = new byte[16][];
  private int count;
  private int offset;
  private int references;

  WriteBatch(int capacity) {
    buffer = ByteBuffer.allocateDirect(capacity);
  }

  /**
   * Fills the batch with what is next in the queue; the caller has chosen one that is large enough.
   */
  void fill(FrameQueue queue, int bytes) {
    buffer.clear();
    count = 0;
    offset = queue.offset();
    references = 1;
    int length = 0;
    for (int i = 0; length < bytes; i++) {
      byte[] frame = queue.get(i);
      int from = i == 0 ? offset : 0;
      int take = Math.min(frame.length - from, bytes - length);
      buffer.put(frame, from, take);
      length += take;
      if (count == frames.length) {
        frames = Arrays.copyOf(frames, count * 2);
      }
      frames[count++] = frame;
    }
    buffer.flip();
  }

  /**
   * Whether the queue goes on with exactly what this batch holds; {@code bytes} is what its next
   * batch would hold.
   */
  @SuppressWarnings(
      "ReferenceEquality") // the bytes are shared exactly where the arrays are the same
  boolean isNextOf(FrameQueue queue, int bytes) {
    if (bytes != buffer.limit() || queue.offset() != offset || queue.size() < count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (queue.get(i) != frames[i]) {
        return false;
      }
    }
    return true;
  }

  int length() {
    return buffer.limit();
  }

  int capacity() {
    return buffer.capacity();
  }

  /**
   * The bytes from the start. One view for all: it is handed out again only after a write has taken
   * it whole.
   */
  ByteBuffer view() {
    return buffer.position(0);
  }

  /** What is left behind the shared view's position, as a view of its own. */
  ByteBuffer rest() {
    return buffer.duplicate();
  }

  void retain() {
    references++;
  }

  /** True for the last holder. */
  boolean release() {
    return --references == 0;
  }

  void forget() {
    Arrays.fill(frames, 0, count, null);
    count = 0;
  }
}
