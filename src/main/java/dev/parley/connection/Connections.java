package dev.parley.connection;

import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.CloseCode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections, a list per lane. Once a second each lane goes through its own, so no
 * connection has a timer.
 */
public final class Connections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);
  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);

  private final List<Lane> lanes = new ArrayList<>();
  private final List<ArrayList<Connection>> byLane = new ArrayList<>();
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
    for (Lane lane : lanes.all()) {
      this.lanes.add(lane);
      byLane.add(new ArrayList<>());
      sweepLater(lane);
    }
  }

  /** A number for a new connection, unique on this instance. */
  public long nextId() {
    return ids.incrementAndGet();
  }

  public int count() {
    return count.get();
  }

  /**
   * Opens the connection on its transport, and ends it at once where all are being closed. Called
   * on its lane.
   */
  public void open(Connection connection, Transport transport) {
    add(connection, transport.outbound().lane());
    connection.open(transport);
    CloseCode code = closing;
    if (code != null) {
      connection.close(code);
    }
  }

  private void add(Connection connection, Lane lane) {
    ArrayList<Connection> list = byLane.get(lane.index());
    connection.index = list.size();
    list.add(connection);
    count.incrementAndGet();
    counted(connection).incrementAndGet();
  }

  /** Called on the connection's lane; again: nothing. */
  public void remove(Connection connection, Lane lane) {
    int index = connection.index;
    if (index < 0) {
      return;
    }
    ArrayList<Connection> list = byLane.get(lane.index());
    Connection last = list.removeLast();
    if (last != connection) {
      list.set(index, last);
      last.index = index;
    }
    connection.index = -1;
    counted(connection).decrementAndGet();
    if (count.decrementAndGet() == 0) {
      empty.complete(null);
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
    return CompletableFuture.allOf(
        lanes.stream()
            .map(lane -> {
              LaneDrain drain = new LaneDrain(lane, lanes.size());
              lane.execute(() -> drain.start(byLane.get(lane.index()), window, reason));
              return drain.done();
            })
            .toArray(CompletableFuture[]::new));
  }

  private AtomicInteger counted(Connection connection) {
    return Objects.requireNonNull(byKind.get(connection.kind()));
  }

  /** Tells all of them whether messages are accepted at present. From any thread. */
  public void publishing(BooleanSupplier state) {
    for (Lane lane : lanes) {
      // Asked on the lane, so that of two changes the later one is told last.
      lane.execute(() -> {
        boolean available = state.getAsBoolean();
        byLane.get(lane.index()).forEach(each -> each.publishing(available));
      });
    }
  }

  private void sweepLater(Lane lane) {
    lane.schedule(
        () -> {
          sweepLater(lane);
          sweep(lane);
        },
        SWEEP_INTERVAL);
  }

  private void sweep(Lane lane) {
    long now = System.nanoTime();
    ArrayList<Connection> list = byLane.get(lane.index());
    for (int i = list.size() - 1; i >= 0; i--) {
      Connection connection = list.get(i);
      try {
        connection.sweep(now);
      } catch (RuntimeException fault) {
        log.error("Connection {} could not be looked after", connection.id(), fault);
      }
    }
  }
}
