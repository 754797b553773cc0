package dev.parley.admin.cluster;

import dev.parley.admin.cluster.Results.InstanceReport;
import dev.parley.admin.cluster.Results.LaneReport;
import dev.parley.connection.Connections;
import dev.parley.connection.Drain;
import dev.parley.delivery.Lane;
import dev.parley.delivery.LaneCounters;
import dev.parley.delivery.Lanes;
import dev.parley.room.Rooms;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** How this instance is: what it carries, and how long its lanes keep a task waiting. */
@Component
class InstanceReporter {
  private final LocalInstance self;
  private final Lanes lanes;
  private final Rooms rooms;
  private final Connections connections;
  private final Drain drain;
  private final MeterRegistry meters;

  InstanceReporter(
      LocalInstance self,
      Lanes lanes,
      Rooms rooms,
      Connections connections,
      Drain drain,
      MeterRegistry meters) {
    this.self = self;
    this.lanes = lanes;
    this.rooms = rooms;
    this.connections = connections;
    this.drain = drain;
    this.meters = meters;
  }

  /** Done when a task has passed through every lane. */
  CompletableFuture<InstanceReport> report() {
    long asked = System.nanoTime();
    int[] queued = lanes.all().stream().mapToInt(Lane::queued).toArray();
    return lanes.collect(lane -> report(lane, queued[lane.index()], asked)).thenApply(this::report);
  }

  private static LaneReport report(Lane lane, int queued, long asked) {
    long lag = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - asked);
    LaneCounters counters = lane.counters();
    return new LaneReport(
        lane.index(), queued, lag, counters.delivered(), counters.frames(), counters.bytes());
  }

  private InstanceReport report(List<LaneReport> reports) {
    Map<String, Integer> transports = new TreeMap<>();
    for (Gauge gauge : meters.find("parley.connections").gauges()) {
      String transport = gauge.getId().getTag("transport");
      if (transport != null) {
        transports.put(transport, (int) gauge.value());
      }
    }
    Gauge open = meters.find("parley.rooms").gauge();
    return new InstanceReport(
        self.name().value(),
        self.host(),
        self.version(),
        self.started().toEpochMilli(),
        Duration.between(self.started(), Instant.now()).toSeconds(),
        state(),
        rooms.isPublishing(),
        connections.count(),
        transports,
        open == null ? 0 : (int) open.value(),
        reports,
        lanes.all().stream().mapToLong(lane -> lane.counters().received()).sum(),
        counted("parley.publishes", "accepted"),
        (long)
            meters.find("parley.rate.limited").counters().stream()
                .mapToDouble(Counter::count)
                .sum());
  }

  private String state() {
    return switch (drain.state()) {
      case SERVING -> "up";
      case DRAINING -> "draining";
      case DRAINED -> "drained";
    };
  }

  private long counted(String name, String outcome) {
    return (long)
        meters.find(name).tag("outcome", outcome).counters().stream()
            .mapToDouble(Counter::count)
            .sum();
  }
}
