package dev.parley.broker.redis;

import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;

/**
 * Not ready before Redis was first reached, nor where it may evict keys: nobody would notice that a
 * room's ids are forgotten. A later outage does not count, since connections are better kept here
 * than driven from one instance to the next.
 */
public final class RedisReadiness extends ReadinessStateHealthIndicator {
  private final RedisBroker broker;

  RedisReadiness(ApplicationAvailability availability, RedisBroker broker) {
    super(availability);
    this.broker = broker;
  }

  @Override
  protected AvailabilityState getState(ApplicationAvailability availability) {
    return broker.wasReached() && broker.isKeeping()
        ? super.getState(availability)
        : ReadinessState.REFUSING_TRAFFIC;
  }
}
