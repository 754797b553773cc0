package dev.parley.delivery;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/** What lanes count, summed over them when it is asked for; docs/METRICS.md has the meanings. */
@Component
class DeliveryMetrics {

  DeliveryMetrics(MeterRegistry registry, Lanes lanes, Budgets budgets) {
    sum(registry, lanes, "parley.deliveries", LaneCounters::delivered);
    sum(registry, lanes, "parley.frames.sent", LaneCounters::frames);
    sum(registry, lanes, "parley.bytes.sent", LaneCounters::bytes);
    sum(registry, lanes, "parley.writes", LaneCounters::writes);
    sum(registry, lanes, "parley.bytes.received", LaneCounters::received);
    Timer turns =
        Timer.builder("parley.lane.turn")
            .serviceLevelObjectives(
                Duration.ofNanos(100_000),
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofMillis(250),
                Duration.ofSeconds(1))
            .register(registry);
    for (Lane lane : lanes.all()) {
      lane.measureTurns(nanos -> turns.record(nanos, TimeUnit.NANOSECONDS));
      Gauge.builder("parley.lane.queue", lane, Lane::queued)
          .tag("lane", Integer.toString(lane.index()))
          .register(registry);
    }
    Budget total = budgets.of(BudgetKind.OUTBOUND);
    Gauge.builder("parley.outbound.pinned.bytes", total, Budget::held).register(registry);
    Gauge.builder("parley.outbound.limit.bytes", total, Budget::limit).register(registry);
  }

  private static void sum(
      MeterRegistry registry, Lanes lanes, String name, ToLongFunction<LaneCounters> counter) {
    FunctionCounter.builder(
            name, lanes, all -> all.all().stream().map(Lane::counters).mapToLong(counter).sum())
        .register(registry);
  }
}
