package dev.parley.connection;

import dev.parley.budget.Budget;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * What all connections of the instance have in common; one object for all of them.
 *
 * @param inbound what clients sent and nobody can take yet, of all connections
 */
public record ConnectionSettings(
    Duration heartbeat,
    long maxMessageBytes,
    Duration clockSkew,
    Clock clock,
    Budget inbound,
    ConnectionMetrics metrics) {
  private static final long LEAST_WAITING_BYTES = 256 * 1024;

  /** What may wait of one connection before it is not read any more. */
  long maxWaitingBytes() {
    return Math.max(LEAST_WAITING_BYTES, maxMessageBytes);
  }

  Instant now() {
    return clock.instant();
  }
}
