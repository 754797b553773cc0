package dev.parley.delivery;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/** What lanes count, summed over them when it is asked for; docs/METRICS.md has the meanings. */
@Component
class DeliveryMetrics {

  DeliveryMetrics(MeterRegistry registry, Lanes lanes, OutboundTotal total) {
    sum(registry, lanes, "parley.deliveries", LaneCounters::delivered);
    sum(registry, lanes, "parley.frames.sent", LaneCounters::frames);
    sum(registry, lanes, "parley.bytes.sent", LaneCounters::bytes);
    sum(registry, lanes, "parley.writes", LaneCounters::writes);
    sum(registry, lanes, "parley.bytes.received", LaneCounters::received);
    Gauge.builder("parley.outbound.pinned.bytes", total, OutboundTotal::bytes).register(registry);
  }

  private static void sum(
      MeterRegistry registry, Lanes lanes, String name, ToLongFunction<LaneCounters> counter) {
    FunctionCounter.builder(
            name, lanes, all -> all.all().stream().map(Lane::counters).mapToLong(counter).sum())
        .register(registry);
  }
}
