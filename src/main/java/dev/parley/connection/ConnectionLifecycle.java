package dev.parley.connection;

import dev.parley.access.AdmissionGate;
import dev.parley.protocol.CloseCode;
import dev.parley.room.Rooms;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * What befalls all connections at once: tells them when the broker goes away or comes back, and
 * ends every connection with 1012 before the web server stops, so that clients learn from a close
 * frame that they may come back, and takes this instance's users out of their rooms.
 */
@Component
class ConnectionLifecycle implements SmartLifecycle, AdmissionGate {
  private static final Logger log = LoggerFactory.getLogger(ConnectionLifecycle.class);
  private static final long PATIENCE_SECONDS = 6;

  private final Connections connections;
  private final Rooms rooms;
  private volatile boolean running;
  private volatile boolean stopping;

  ConnectionLifecycle(Connections connections, Rooms rooms) {
    this.connections = connections;
    this.rooms = rooms;
    rooms.onPublishing(() -> connections.publishing(rooms::isPublishing));
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    stopping = true;
    int open = connections.count();
    CompletableFuture<Void> done =
        connections
            .closeAll(CloseCode.RESTART)
            .thenCompose(closed -> rooms.leaveAll())
            .thenCompose(left -> connections.whenEmpty());
    try {
      done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      log.info("Closed {} connections", open);
    } catch (TimeoutException slow) {
      log.info("Closed {} connections, {} of which did not answer", open, connections.count());
    } catch (ExecutionException failed) {
      log.warn("Connections could not be closed in order", failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public AdmissionGate.@Nullable Refusal check() {
    return stopping ? new AdmissionGate.Refusal("This instance is stopping", 1) : null;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Stops first: the web server, whose phase is lower, still carries the close frames. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }
}
