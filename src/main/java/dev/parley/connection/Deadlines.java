package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.protocol.CloseCode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an open connection must keep to: the time of its token, its reader's pace, its peer's signs
 * of life. Looked at once a second, so that no connection has a timer. Owned by the connection's
 * lane.
 */
final class Deadlines {
  /** A reader that takes nothing for so long is as gone as one above the limit. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Connection connection;
  private final Heartbeat heartbeat;

  Deadlines(Connection connection) {
    this.connection = connection;
    heartbeat = new Heartbeat(connection.settings().heartbeat());
  }

  Heartbeat heartbeat() {
    return heartbeat;
  }

  /**
   * Closes the connection if it has missed a deadline, else pings its peer if that is due.
   *
   * @param now of {@link System#nanoTime}
   */
  void sweep(long now) {
    Transport transport = connection.transport();
    CloseCode missed = missed(transport, now);
    transport.readAgain();
    if (missed != null) {
      connection.close(missed);
    } else if (heartbeat.isDue(now)) {
      beat(transport, now);
    }
  }

  private @Nullable CloseCode missed(Transport transport, long now) {
    if (isTokenExpired()) {
      return CloseCode.TOKEN_EXPIRED;
    }
    if (transport.outbound().stalledNanos(now) > STALLED_NANOS || transport.isLate(now)) {
      return CloseCode.TOO_SLOW;
    }
    return connection.expired(now);
  }

  private boolean isTokenExpired() {
    Identity identity = connection.identity();
    ConnectionSettings settings = connection.settings();
    return identity.expiresAt() != null
        && settings.now().isAfter(identity.expiresAt().plus(settings.clockSkew()));
  }

  private void beat(Transport transport, long now) {
    // While reading pauses, a pong cannot be heard: the silence is ours then, not the peer's.
    if (heartbeat.isMissed() && !connection.isPaused()) {
      connection.close(CloseCode.HEARTBEAT_MISSED);
      return;
    }
    heartbeat.sent(now);
    transport.ping();
  }
}
