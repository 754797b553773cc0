package dev.parley.connection;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.RoomName;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one connection that wait until a join of their room is decided, so that they take
 * effect in the order sent. Their bytes are held by the connection's intake. Owned by the
 * connection's lane.
 */
final class DeferredFrames {
  /** About what a frame takes on the heap besides its content. */
  private static final int FRAME_BYTES = 200;

  private final Intake intake;
  private final Map<RoomName, ArrayDeque<Deferred>> byRoom = new HashMap<>(0);
  private int count;

  /**
   * A frame that waits.
   *
   * @param bytes of the message that it came in
   */
  record Deferred(ClientFrame frame, int bytes) {}

  DeferredFrames(Intake intake) {
    this.intake = intake;
  }

  /** How many frames wait, for all rooms. */
  int count() {
    return count;
  }

  /** Keeps the frame until it is the {@link #next} of its room; false if too much is held. */
  boolean tryAdd(RoomName room, ClientFrame frame, int bytes) {
    int held = bytes + FRAME_BYTES;
    if (!intake.tryHold(held)) {
      return false;
    }
    intake.waits(held);
    byRoom.computeIfAbsent(room, first -> new ArrayDeque<>()).add(new Deferred(frame, bytes));
    count++;
    return true;
  }

  /** Takes the next frame that waited for the room; null if none does. */
  @Nullable Deferred next(RoomName room) {
    ArrayDeque<Deferred> frames = byRoom.get(room);
    if (frames == null) {
      return null;
    }
    Deferred frame = frames.remove();
    count--;
    if (frames.isEmpty()) {
      byRoom.remove(room);
    }
    release(frame);
    return frame;
  }

  /** Drops all of them. */
  void clear() {
    byRoom.values().forEach(frames -> frames.forEach(this::release));
    byRoom.clear();
    count = 0;
  }

  private void release(Deferred frame) {
    int held = frame.bytes() + FRAME_BYTES;
    intake.waitsNoMore(held);
    intake.release(held);
  }
}
