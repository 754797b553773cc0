package dev.parley.connection;

import dev.parley.protocol.ClientFrame;
import dev.parley.room.Membership;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A connection's place in one room. While a join is under way, the frames for that room that follow
 * it wait here, so that they take effect in the order sent.
 */
final class Seat {
  final Membership membership;
  boolean joined;
  private boolean joining = true;
  private @Nullable ArrayDeque<ClientFrame> waiting;

  Seat(Membership membership) {
    this.membership = membership;
  }

  boolean isJoining() {
    return joining;
  }

  void joinAgain() {
    joining = true;
  }

  void defer(ClientFrame frame) {
    if (waiting == null) {
      waiting = new ArrayDeque<>();
    }
    waiting.add(frame);
  }

  /** The join is decided: what waited for it may go on. */
  void decided() {
    joining = false;
  }

  /** The next frame that waited; null where none does, or where it has to wait for another join. */
  @Nullable ClientFrame next() {
    return joining || waiting == null ? null : waiting.poll();
  }
}
