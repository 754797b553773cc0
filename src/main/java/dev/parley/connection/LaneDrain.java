package dev.parley.connection;

import dev.parley.delivery.Lane;
import dev.parley.protocol.CloseCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the connections of one lane in a random order, at even distances over a window, after
 * telling each how long it has. Belongs to the lane.
 */
final class LaneDrain {
  private static final Logger log = LoggerFactory.getLogger(LaneDrain.class);
  private static final Duration STEP = Duration.ofMillis(50);

  private record Slot(Connection connection, long due) {}

  private final Lane lane;
  private final int lanes;
  private final Deque<Slot> slots = new ArrayDeque<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /**
   * @param lanes how many do the same at the same time
   */
  LaneDrain(Lane lane, int lanes) {
    this.lane = lane;
    this.lanes = lanes;
  }

  /** Done when the last was ended, not yet gone. */
  CompletableFuture<Void> start(List<Connection> open, Duration window, String reason) {
    List<Connection> order = new ArrayList<>(open);
    Collections.shuffle(order);
    long now = System.nanoTime();
    for (int i = 0; i < order.size(); i++) {
      // Each lane's times lie between the others'.
      long part = (long) i * lanes + lane.index();
      Duration wait = window.multipliedBy(part).dividedBy((long) order.size() * lanes);
      Connection connection = order.get(i);
      attempt(connection, () -> connection.reconnect(wait.toMillis(), reason));
      slots.add(new Slot(connection, now + wait.toNanos()));
    }
    // A close drops what is not yet written, so what they are told goes out first.
    lane.afterFlush(this::step);
    return done;
  }

  private void step() {
    long now = System.nanoTime();
    while (!slots.isEmpty() && now - slots.element().due() >= 0) {
      Connection connection = slots.remove().connection();
      attempt(connection, () -> connection.close(CloseCode.RESTART));
    }
    if (slots.isEmpty()) {
      done.complete(null);
    } else {
      lane.schedule(this::step, STEP);
    }
  }

  /** One connection's fault must not keep the others here. */
  private static void attempt(Connection connection, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException fault) {
      log.error("Connection {} could not be drained", connection.id(), fault);
    }
  }
}
