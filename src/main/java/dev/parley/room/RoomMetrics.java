package dev.parley.room;

import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.delivery.Lane;
import dev.parley.protocol.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** What rooms count; docs/METRICS.md has the meanings. */
@Component
class RoomMetrics {
  private final Counter accepted;
  private final Counter duplicate;
  private final Counter conflict;
  private final Counter unavailable;
  private final Counter unconfirmed;
  private final Counter joined;
  private final Counter forbidden;
  private final Counter joinUnavailable;
  private final Counter joinFull;
  private final Counter refills;
  private final Timer latency;
  private final MeterRegistry registry;

  RoomMetrics(MeterRegistry registry) {
    this.registry = registry;
    accepted = publishes(registry, "accepted");
    duplicate = publishes(registry, "duplicate");
    conflict = publishes(registry, "conflict");
    unavailable = publishes(registry, "unavailable");
    unconfirmed = publishes(registry, "unconfirmed");
    joined = joins(registry, "joined");
    forbidden = joins(registry, "forbidden");
    joinUnavailable = joins(registry, "unavailable");
    joinFull = joins(registry, "full");
    refills = Counter.builder("parley.refills").register(registry);
    latency =
        Timer.builder("parley.delivery.latency")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(250),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5))
            .register(registry);
  }

  /** Rooms that this instance has open. */
  void countRooms(Supplier<Number> open) {
    Gauge.builder("parley.rooms", open).register(registry);
  }

  /** Whether the broker takes messages. */
  void watch(BooleanSupplier available) {
    Gauge.builder("parley.broker.available", () -> available.getAsBoolean() ? 1 : 0)
        .register(registry);
  }

  LatencyMeter latency(Lane lane) {
    return new LatencyMeter(latency, lane);
  }

  void published(Outcome<Accepted> outcome) {
    switch (outcome) {
      case Outcome.Accepted(var epoch, var offset, var timestamp, boolean again) -> {
        if (again) {
          duplicate.increment();
        } else {
          accepted.increment();
        }
      }
      case Outcome.Refused<Accepted>(ErrorCode code, _) -> {
        if (code == ErrorCode.ID_CONFLICT) {
          conflict.increment();
        } else if (code == ErrorCode.UNCONFIRMED) {
          unconfirmed.increment();
        } else {
          unavailable.increment();
        }
      }
    }
  }

  void joined() {
    joined.increment();
  }

  void joinRefused(ErrorCode code) {
    if (code == ErrorCode.FORBIDDEN) {
      forbidden.increment();
    } else if (code == ErrorCode.ROOM_FULL) {
      joinFull.increment();
    } else {
      joinUnavailable.increment();
    }
  }

  void refilled() {
    refills.increment();
  }

  private static Counter publishes(MeterRegistry registry, String outcome) {
    return Counter.builder("parley.publishes").tag("outcome", outcome).register(registry);
  }

  private static Counter joins(MeterRegistry registry, String outcome) {
    return Counter.builder("parley.joins").tag("outcome", outcome).register(registry);
  }
}
