package dev.parley.connection;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** What all connections of the instance have in common; one object for all of them. */
public record ConnectionSettings(
    Duration heartbeat,
    long maxMessageBytes,
    Duration clockSkew,
    Clock clock,
    ConnectionMetrics metrics) {

  Instant now() {
    return clock.instant();
  }
}
