package dev.parley.connection;

import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.CloseCode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The open connections of this instance: counted here, and owned by their lanes. */
public final class Connections {
  private final Lanes lanes;
  private final List<LaneConnections> byLane;
  private final Map<String, AtomicInteger> byKind = new HashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong ids = new AtomicLong();
  private volatile @Nullable CloseCode closing;
  private volatile CompletableFuture<Void> empty = new CompletableFuture<>();

  public Connections(Lanes lanes, MeterRegistry registry) {
    for (String kind : List.of("websocket", "raw", "echo")) {
      AtomicInteger open = new AtomicInteger();
      byKind.put(kind, open);
      Gauge.builder("parley.connections", open, AtomicInteger::get)
          .tag("transport", kind)
          .register(registry);
    }
    this.lanes = lanes;
    byLane = lanes.all().stream().map(LaneConnections::new).toList();
    byLane.forEach(LaneConnections::sweepLater);
  }

  Lanes lanes() {
    return lanes;
  }

  /** Those of the lane, which is the caller's. */
  LaneConnections on(Lane lane) {
    assert lane.inLane();
    return byLane.get(lane.index());
  }

  /** A number for a new connection, unique on this instance. */
  public long nextId() {
    return ids.incrementAndGet();
  }

  public int count() {
    return count.get();
  }

  /**
   * Opens the connection on its transport, and ends it at once if all are being closed. Called on
   * its lane.
   */
  public void open(Connection connection, Transport transport) {
    Lane lane = transport.outbound().lane();
    on(lane).add(connection);
    count.incrementAndGet();
    ofKind(connection).incrementAndGet();
    connection.open(transport);
    CloseCode code = closing;
    if (code != null) {
      // Behind its greeting: a close drops what is not yet written.
      lane.afterFlush(() -> connection.close(code));
    }
  }

  /** Called on the connection's lane; again: nothing. */
  public void remove(Connection connection, Lane lane) {
    if (on(lane).remove(connection)) {
      ofKind(connection).decrementAndGet();
      if (count.decrementAndGet() == 0) {
        empty.complete(null);
      }
    }
  }

  /** Done as soon as there is none. */
  public CompletableFuture<Void> whenEmpty() {
    CompletableFuture<Void> future = new CompletableFuture<>();
    empty = future;
    if (count.get() == 0) {
      future.complete(null);
    }
    return future;
  }

  /**
   * Ends all of them with 1012, at even distances over the window, after telling each its time; who
   * comes later is ended at once. Done when the last was ended, not yet gone.
   */
  public CompletableFuture<Void> drain(Duration window, String reason) {
    closing = CloseCode.RESTART;
    return lanes
        .collect(lane -> new LaneDrain(lane, lanes.size()).start(on(lane).copy(), window, reason))
        .thenCompose(drains -> CompletableFuture.allOf(drains.toArray(CompletableFuture[]::new)));
  }

  /** Tells all of them whether messages are accepted at present. From any thread. */
  public void publishing(BooleanSupplier state) {
    for (Lane lane : lanes.all()) {
      // Asked on the lane, so that of two changes the later one is told last.
      lane.execute(() -> {
        boolean available = state.getAsBoolean();
        on(lane).forEach(each -> each.publishing(available));
      });
    }
  }

  private AtomicInteger ofKind(Connection connection) {
    return Objects.requireNonNull(byKind.get(connection.kind()));
  }
}
