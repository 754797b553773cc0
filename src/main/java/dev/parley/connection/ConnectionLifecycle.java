package dev.parley.connection;

import dev.parley.room.Rooms;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * What befalls all connections at once: tells them when the broker goes away or comes back, and
 * drains the instance before the web server stops.
 */
@Component
class ConnectionLifecycle implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(ConnectionLifecycle.class);

  private final Drain drain;
  private volatile boolean running;

  ConnectionLifecycle(Connections connections, Rooms rooms, Drain drain) {
    this.drain = drain;
    rooms.onPublishing(() -> connections.publishing(rooms::isPublishing));
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    try {
      drain
          .start("This instance is stopping")
          .get(drain.longest().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      log.warn("Stopping before the drain has finished");
    } catch (ExecutionException failed) {
      log.warn("Connections could not be closed in order", failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
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
