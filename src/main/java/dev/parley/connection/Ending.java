package dev.parley.connection;

import dev.parley.protocol.CloseCode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How one connection ends, whoever ends it. Owned by the connection's lane.
 *
 * <p>If we close it, what waits is dropped, it leaves its rooms at once, and the socket is aborted
 * if the peer does not end its side within 5 s. If the peer ends it, or the socket breaks, what the
 * peer sent takes effect first, for at most {@value #PATIENCE_SECONDS} s. Either way, the transport
 * is released once: when the socket is gone and the connection has left its rooms.
 */
final class Ending {
  /** A little more than the broker takes to say that it cannot. */
  static final long PATIENCE_SECONDS = 6;

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Connection connection;

  /** When the peer ended its side, or the close began; 0 if it has been aborted since. */
  private long since;

  /** The peer sends nothing more, and what it sent may still have to take effect. */
  private boolean peerEnded;

  /** What the peer closed with; null if its stream ended without a close frame. */
  private @Nullable CloseCode peerCode;

  private @Nullable CloseCode closing;
  private boolean hasLeft;
  private boolean socketGone;

  Ending(Connection connection) {
    this.connection = connection;
  }

  /** Whether nothing is to take effect any more. */
  boolean isClosing() {
    return closing != null;
  }

  /** Whether the connection ends, or will as soon as what its peer sent has taken effect. */
  boolean hasBegun() {
    return closing != null || peerEnded;
  }

  /** We close it; does nothing if it is closing already. */
  void close(CloseCode code) {
    if (closing != null) {
      return;
    }
    connection.settings().metrics().closed(code);
    begin(code);
    connection.transport().close(code);
  }

  /**
   * @param code null if the peer's stream ended without a close frame
   */
  void endedByPeer(@Nullable CloseCode code) {
    if (!hasBegun()) {
      peerEnded = true;
      peerCode = code;
      since = System.nanoTime();
      settle();
    }
  }

  void socketGone() {
    socketGone = true;
    if (closing == null) {
      endedByPeer(null);
    } else {
      leaveOnce();
    }
  }

  /** Something has taken effect: if it was the last that the peer sent, the connection ends. */
  void settle() {
    if (peerEnded && closing == null && !connection.isUnfinished()) {
      endAfterPeer();
    }
  }

  /** Once a second, after it has begun: nothing waits for a peer, or for the broker, for ever. */
  void sweep(long now) {
    if (closing == null) {
      if (now - since > PATIENCE_NANOS) {
        endAfterPeer();
      }
    } else if (since != 0 && now - since > CLOSE_NANOS) {
      since = 0;
      connection.transport().abort();
    }
  }

  private void endAfterPeer() {
    if (peerCode == null) {
      connection.settings().metrics().broken();
    } else {
      connection.settings().metrics().closed(peerCode);
    }
    Transport transport = connection.transportIfOpen();
    if (transport == null) {
      closing = CloseCode.GOING_AWAY;
      leaveOnce();
      return;
    }
    begin(peerCode == null ? CloseCode.GOING_AWAY : peerCode);
    // The last answers go out first: ending drops what is not yet written.
    connection.outbound().lane().afterFlush(transport::end);
  }

  private void begin(CloseCode code) {
    closing = code;
    since = System.nanoTime();
    // Not at once: the caller may be walking through the very lists that leaving changes.
    connection.outbound().lane().execute(this::leaveOnce);
  }

  private void leaveOnce() {
    if (!hasLeft) {
      hasLeft = true;
      connection.left();
    }
    Transport transport = connection.transportIfOpen();
    if (socketGone && transport != null) {
      transport.released();
    }
  }
}
