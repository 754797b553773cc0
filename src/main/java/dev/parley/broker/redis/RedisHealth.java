package dev.parley.broker.redis;

import java.util.List;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Down while messages are not accepted, or if Redis may throw away what it was given. */
public final class RedisHealth extends AbstractHealthIndicator {
  private final RedisBroker broker;

  RedisHealth(RedisBroker broker) {
    this.broker = broker;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    List<String> problems = broker.problems();
    builder
        .status(
            broker.isAvailable() && broker.primary().isKeeping() && problems.isEmpty()
                ? "UP"
                : "DOWN")
        .withDetail("available", broker.isAvailable())
        .withDetail("maxmemory-policy", broker.primary().policy());
    if (!problems.isEmpty()) {
      builder.withDetail("error", String.join(" ", problems));
    }
  }
}
