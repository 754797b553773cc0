package dev.parley.connection;

import dev.parley.delivery.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open connections of one lane, and their check once a second. Owned by the lane. */
final class LaneConnections {
  private static final Logger log = LoggerFactory.getLogger(LaneConnections.class);
  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);

  private final Lane lane;
  private final ArrayList<Connection> all = new ArrayList<>();

  LaneConnections(Lane lane) {
    this.lane = lane;
  }

  /** From any thread. */
  void sweepLater() {
    lane.schedule(
        () -> {
          sweepLater();
          sweep();
        },
        SWEEP_INTERVAL);
  }

  void add(Connection connection) {
    connection.index = all.size();
    all.add(connection);
  }

  /** False if it is not here any more. */
  boolean remove(Connection connection) {
    int index = connection.index;
    if (index < 0) {
      return false;
    }
    Connection last = all.removeLast();
    if (last != connection) {
      all.set(index, last);
      last.index = index;
    }
    connection.index = -1;
    return true;
  }

  /** What they are now; does not change when one of them leaves. */
  List<Connection> copy() {
    return List.copyOf(all);
  }

  void forEach(Consumer<Connection> action) {
    all.forEach(action);
  }

  /** The first of the wanted ones by id; sorting all would hold the lane up if there are many. */
  List<Connection> first(int limit, Predicate<Connection> wanted) {
    PriorityQueue<Connection> first =
        new PriorityQueue<>(Comparator.comparingLong(Connection::id).reversed());
    for (Connection connection : all) {
      if (wanted.test(connection)) {
        first.add(connection);
        if (first.size() > limit) {
          first.remove();
        }
      }
    }
    return List.copyOf(first);
  }

  private void sweep() {
    long now = System.nanoTime();
    for (int i = all.size() - 1; i >= 0; i--) {
      Connection connection = all.get(i);
      try {
        connection.sweep(now);
      } catch (RuntimeException fault) {
        log.error("The periodic check of connection {} failed", connection.id(), fault);
      }
    }
  }
}
