package dev.parley.http;

import java.util.concurrent.TimeUnit;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Waits for the requests that are in progress, between the drain of the connections and the end of
 * the web server. That would answer the requests that have reached a servlet; but it would cut off
 * those that are still coming in, and drop those that wait behind another one on the same socket.
 */
@Component
class HttpDrain implements SmartLifecycle {
  static final long LONGEST_SECONDS = 5;

  /** Above Boot's graceful shutdown, below the drain of the connections. */
  private static final int PHASE = Integer.MAX_VALUE - 512;

  private final HttpSockets sockets;
  private volatile boolean running;

  HttpDrain(HttpSockets sockets) {
    this.sockets = sockets;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
    sockets.whenQuiet().completeOnTimeout(null, LONGEST_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
