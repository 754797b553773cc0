package dev.parley.broker.redis;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What is counted of the traffic with Redis; docs/METRICS.md has the meanings. */
final class RedisMetrics {
  private final Timer roundTrip;
  private final DistributionSummary batch;
  private final Counter generations;
  private final Counter leasesLost;
  private final Counter instancesReaped;

  RedisMetrics(MeterRegistry registry) {
    roundTrip =
        Timer.builder("parley.redis.round.trip")
            .serviceLevelObjectives(
                Duration.ofNanos(500_000),
                Duration.ofMillis(1),
                Duration.ofMillis(2),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofMillis(250),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5))
            .register(registry);
    batch =
        DistributionSummary.builder("parley.redis.batch.messages")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64)
            .register(registry);
    generations = Counter.builder("parley.redis.generations").register(registry);
    leasesLost = Counter.builder("parley.redis.leases.lost").register(registry);
    instancesReaped = Counter.builder("parley.redis.instances.reaped").register(registry);
  }

  void answered(int messages, long nanos) {
    roundTrip.record(nanos, TimeUnit.NANOSECONDS);
    batch.record(messages);
  }

  void generationChanged() {
    generations.increment();
  }

  void leaseLost() {
    leasesLost.increment();
  }

  void instanceReaped() {
    instancesReaped.increment();
  }
}
