package dev.parley.broker.redis;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Down while messages are not accepted, or where Redis may throw away what it was given. */
public final class RedisHealth extends AbstractHealthIndicator {
  private final RedisBroker broker;

  RedisHealth(RedisBroker broker) {
    this.broker = broker;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    builder
        .status(broker.isAvailable() && broker.isKeeping() ? "UP" : "DOWN")
        .withDetail("available", broker.isAvailable())
        .withDetail("maxmemory-policy", broker.primary().policy());
    if (broker.wasReached() && !broker.isKeeping()) {
      builder.withDetail("error", "maxmemory-policy must be " + PrimaryState.NO_EVICTION);
    }
  }
}
