package dev.parley.connection;

import dev.parley.access.AdmissionGate;
import dev.parley.access.Identity;
import dev.parley.broker.PresenceProperties;
import dev.parley.room.Rooms;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;

/**
 * Empties this instance, so that it can be taken away and nobody loses anything: it is not ready
 * any more and refuses handshakes; each connection is told a time of its own within the window and
 * ended with 1012 when that has come; users keep their places in the rooms, for they come back on
 * another instance; who has not done so when the grace time is over leaves them. There is no way
 * back.
 */
@Component
public class Drain implements AdmissionGate {
  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  /** How long a connection's end is waited for: a closing handshake may take 5 s. */
  private static final Duration CLOSING = Duration.ofSeconds(6);

  /** How long the lanes may take to tell the broker who is gone. */
  private static final Duration LEAVING = Duration.ofSeconds(1);

  /** How far a drain is. */
  public enum State {
    SERVING,
    DRAINING,
    DRAINED
  }

  private final Connections connections;
  private final Rooms rooms;
  private final Duration window;
  private final Duration grace;
  private final ApplicationContext application;
  private @Nullable CompletableFuture<Void> drained;
  private volatile State state = State.SERVING;

  Drain(
      Connections connections,
      Rooms rooms,
      DrainProperties properties,
      PresenceProperties presence,
      ApplicationContext application,
      MeterRegistry registry) {
    this.connections = connections;
    this.rooms = rooms;
    this.window = properties.window();
    this.grace = presence.grace();
    this.application = application;
    Gauge.builder("parley.draining", () -> state == State.SERVING ? 0 : 1).register(registry);
  }

  public State state() {
    return state;
  }

  /** How long it takes at most. */
  public Duration longest() {
    return window.plus(grace).plus(CLOSING).plus(LEAVING);
  }

  /**
   * Begins, if it has not begun before; done when no connection is left, or none that answers, and
   * the rooms were told who is gone.
   *
   * @param reason for people; goes into the {@code reconnect} frames
   */
  public synchronized CompletableFuture<Void> start(String reason) {
    if (drained == null) {
      state = State.DRAINING;
      drained = drain(reason);
    }
    return drained;
  }

  @Override
  public AdmissionGate.@Nullable Refusal check(Identity identity, String address) {
    return state == State.SERVING
        ? null
        : new AdmissionGate.Refusal("This instance is draining", 1);
  }

  private CompletableFuture<Void> drain(String reason) {
    AvailabilityChangeEvent.publish(application, ReadinessState.REFUSING_TRAFFIC);
    int open = connections.count();
    if (open > 0) {
      log.info("Draining {} connections over {} s: {}", open, window.toSeconds(), reason);
    }
    rooms.keepAbsentUsers();
    return connections
        .drain(window, reason)
        .thenCompose(_ -> gone())
        .thenCompose(_ -> open == 0 || window.isZero() ? now() : afterGrace())
        .thenCompose(_ -> rooms.exitAll())
        .thenRun(() -> {
          state = State.DRAINED;
          log.info("Closed {} connections, {} of which did not answer", open, connections.count());
        });
  }

  private CompletableFuture<Void> gone() {
    return connections
        .whenEmpty()
        .completeOnTimeout(null, CLOSING.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The last who were sent away have this long to arrive elsewhere. */
  private CompletableFuture<Void> afterGrace() {
    Executor later = CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS);
    return CompletableFuture.runAsync(() -> {}, later);
  }

  private static CompletableFuture<Void> now() {
    return CompletableFuture.completedFuture(null);
  }
}
