package dev.parley.connection;

import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
      // Behind its greeting: a close drops what is not yet written.
      transport.outbound().lane().afterFlush(() -> connection.close(code));
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

  /**
   * Has every connection of the user on this instance that speaks frames join the room, as {@code
   * join} without {@code since} does; the policies are not asked. Answers how many are joining;
   * those that are in it, or in as many rooms as they may, are not.
   */
  public CompletableFuture<Integer> forceJoin(UserId user, RoomName room) {
    return tally(each -> each.identity().user().equals(user) && each.forceJoin(room));
  }

  /**
   * Has every connection of the user on this instance leave the room: {@code left} with reason
   * {@code removed}; one that is nothing but this room is closed with 4500. Answers how many.
   */
  public CompletableFuture<Integer> forceLeave(UserId user, RoomName room) {
    return tally(each -> each.identity().user().equals(user) && each.forceLeave(room));
  }

  /** Closes the user's connections to this instance with 4500; answers how many. */
  public CompletableFuture<Integer> disconnect(UserId user) {
    return tally(each -> each.identity().user().equals(user) && each.disconnect());
  }

  /** Closes one connection of this instance with 4500; false where there is none of this id. */
  public CompletableFuture<Boolean> disconnect(long id) {
    return tally(each -> each.id() == id && each.disconnect()).thenApply(closed -> closed > 0);
  }

  /** One connection of this instance; null where there is none of this id. */
  public CompletableFuture<@Nullable ConnectionView> find(long id) {
    return list(id - 1, 1, null, null)
        .thenApply(
            found -> found.isEmpty() || found.getFirst().id() != id ? null : found.getFirst());
  }

  /**
   * The connections of this instance in order of their ids.
   *
   * @param after only those behind this id; all where it is null
   * @param limit at least 1
   * @param user only this user's; everybody's where it is null
   * @param room only those that are in this room; all where it is null
   */
  public CompletableFuture<List<ConnectionView>> list(
      @Nullable Long after, int limit, @Nullable UserId user, @Nullable RoomName room) {
    long least = after == null ? Long.MIN_VALUE : after;
    Predicate<Connection> wanted =
        each ->
            each.id() > least
                && (user == null || each.identity().user().equals(user))
                && (room == null || each.isIn(room));
    return onEachLane(
        lane -> first(lane, limit, wanted),
        parts ->
            parts
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(ConnectionView::id))
                .limit(limit)
                .toList());
  }

  /** The first of one lane; sorting all would hold the lane up where there are many. */
  private List<ConnectionView> first(Lane lane, int limit, Predicate<Connection> wanted) {
    PriorityQueue<Connection> first =
        new PriorityQueue<>(Comparator.comparingLong(Connection::id).reversed());
    for (Connection connection : byLane.get(lane.index())) {
      if (wanted.test(connection)) {
        first.add(connection);
        if (first.size() > limit) {
          first.remove();
        }
      }
    }
    return first.stream().map(Connection::view).toList();
  }

  /** Acts on every connection, each on its lane; answers for how many it held. */
  private CompletableFuture<Integer> tally(Predicate<Connection> action) {
    return onEachLane(
        lane -> (int) List.copyOf(byLane.get(lane.index())).stream().filter(action).count(),
        parts -> parts.mapToInt(Integer::intValue).sum());
  }

  private <T, R> CompletableFuture<R> onEachLane(
      Function<Lane, T> question, Function<Stream<T>, R> sum) {
    List<CompletableFuture<T>> parts =
        lanes.stream()
            .map(lane -> CompletableFuture.supplyAsync(() -> question.apply(lane), lane))
            .toList();
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .thenApply(_ -> sum.apply(parts.stream().map(CompletableFuture::join)));
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
        log.error("The periodic check of connection {} failed", connection.id(), fault);
      }
    }
  }
}
