package dev.parley.http;

import dev.parley.security.ClientAddress;
import dev.parley.security.HttpMetrics;
import dev.parley.security.HttpMetrics.Reason;
import dev.parley.security.HttpProperties;
import dev.parley.security.InProgress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets that speak HTTP, from the moment they are accepted until they are closed or become
 * WebSockets. Limits their number, and the time that their clients may take, whatever the clients
 * send: nothing, a TLS handshake, half a head, a body byte by byte.
 *
 * <p>If there are too many, those that have waited longest for a request are closed, once they have
 * waited for {@value #STALLED_SECONDS} s: if many honest clients connect at once, they wait because
 * the instance is busy. If no socket has waited that long, no more are accepted until some are
 * gone; new ones then wait in the kernel's queue. An address that has reached its own limit gets no
 * more sockets than are left for all others, whether it keeps them waiting or not.
 */
final class HttpSockets extends AbstractLifeCycle implements Connection.Listener {
  private static final Logger log = LoggerFactory.getLogger(HttpSockets.class);
  private static final long STALLED_SECONDS = 2;
  private static final long MAX_SWEEP_MILLIS = 250;

  /** So many sweeps in a row have to find no request before it is quiet. */
  private static final int QUIET_SWEEPS = 2;

  private final HttpProperties properties;
  private final HttpMetrics metrics;
  private final long sweepMillis;
  private final long stalledNanos;
  private final Map<Connection, HttpSocket> sockets = new ConcurrentHashMap<>();
  private final AtomicInteger count;
  private final InProgress byAddress = new InProgress();

  /** The connector that was told to accept nothing for now. */
  private volatile @Nullable AbstractConnector paused;

  /** What sweeps; the web server's, which there is later. */
  private volatile @Nullable Scheduler scheduler;

  /** Done when no request is in progress; null if nobody asked. */
  private volatile @Nullable CompletableFuture<Void> quiet;

  /** How many sweeps in a row found no request. Owned by the scheduler's thread. */
  private int quietSweeps;

  HttpSockets(HttpProperties properties, HttpMetrics metrics) {
    this.properties = properties;
    this.metrics = metrics;
    this.sweepMillis = Math.min(MAX_SWEEP_MILLIS, properties.patience().toMillis() / 4);
    this.stalledNanos =
        Math.min(TimeUnit.SECONDS.toNanos(STALLED_SECONDS), properties.patience().toNanos());
    this.count = metrics.sockets();
  }

  /** Sweeps by this scheduler once both have started. */
  void sweptBy(Scheduler started) {
    scheduler = started;
  }

  @Override
  protected void doStart() {
    sweepLater();
  }

  /**
   * Done as soon as no request is in progress or has begun to come in, and for some sweeps none
   * was.
   */
  CompletableFuture<Void> whenQuiet() {
    CompletableFuture<Void> future = new CompletableFuture<>();
    quiet = future;
    return future;
  }

  /** The socket that a request came by; a new one if it is closed by now. */
  HttpSocket of(Connection connection) {
    HttpSocket socket = sockets.get(connection);
    return socket != null
        ? socket
        : new HttpSocket(connection, address(connection), properties, System.nanoTime());
  }

  @Override
  public void onOpened(Connection connection) {
    String address = address(connection);
    long now = System.nanoTime();
    sockets.put(connection, new HttpSocket(connection, address, properties, now));
    int mine = byAddress.enter(address);
    int all = count.incrementAndGet();
    if (mine > properties.connectionsPerAddress() && mine > properties.connections() - all) {
      crowdOut(connection);
    } else if (all >= properties.connections() && !closeOldest(now)) {
      pause(connection);
    }
  }

  @Override
  public void onClosed(Connection connection) {
    forget(connection);
  }

  private void forget(Connection connection) {
    HttpSocket socket = sockets.remove(connection);
    if (socket != null) {
      byAddress.leave(socket.address());
      if (count.decrementAndGet() < properties.connections()) {
        resume();
      }
    }
  }

  private void sweepLater() {
    Scheduler sweeper = scheduler;
    if (sweeper != null) {
      sweeper.schedule(
          () -> {
            if (isRunning()) {
              sweepLater();
              sweep();
            }
          },
          sweepMillis,
          TimeUnit.MILLISECONDS);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    boolean full = count.get() >= properties.connections();
    boolean busy = false;
    List<Stalled> stalled = new ArrayList<>();
    for (HttpSocket socket : sockets.values()) {
      busy |= socket.isBusy();
      if (socket.isOverdue(now)) {
        end(socket);
      } else if ((full || isCrowded(socket)) && socket.isStalled(now, stalledNanos)) {
        stalled.add(new Stalled(socket, now - socket.since()));
      }
    }
    thin(stalled, now);
    if (count.get() < properties.connections()) {
      resume();
    }
    tellQuiet(busy);
  }

  /** Of those that have waited longest, as many as are too many. */
  private void thin(List<Stalled> stalled, long now) {
    stalled.sort(Comparator.comparingLong(Stalled::waited).reversed());
    for (Stalled each : stalled) {
      HttpSocket socket = each.socket();
      boolean tooMany = count.get() >= properties.connections() || isCrowded(socket);
      if (tooMany && socket.isStalled(now, stalledNanos)) {
        crowdOut(socket.connection());
      }
    }
  }

  private boolean isCrowded(HttpSocket socket) {
    return byAddress.of(socket.address()) > properties.connectionsPerAddress();
  }

  private void tellQuiet(boolean busy) {
    quietSweeps = busy ? 0 : quietSweeps + 1;
    CompletableFuture<Void> asked = quiet;
    if (asked != null
        && quietSweeps >= QUIET_SWEEPS
        && sockets.keySet().stream().noneMatch(KernelSocket::hasUnread)) {
      asked.complete(null);
    }
  }

  private void end(HttpSocket socket) {
    switch (socket.phase()) {
      case HEAD -> {
        metrics.refused(Reason.SLOW);
        forget(socket.connection());
        socket.connection().close();
      }
      // As when Jetty's own timer fires: the reader is told, and answers 408.
      case BODY ->
          socket.connection().onIdleExpired(new TimeoutException("a body came too slowly"));
      case ANSWER -> {
        metrics.refused(Reason.SLOW);
        forget(socket.connection());
        KernelSocket.reset(socket.connection());
      }
      case HANDLING -> log.trace("{} was answered just now", socket.address());
    }
  }

  /** Of all; false if none is stalled. */
  private boolean closeOldest(long now) {
    HttpSocket oldest = null;
    for (HttpSocket socket : sockets.values()) {
      if (socket.isStalled(now, stalledNanos)
          && (oldest == null || socket.since() - oldest.since() < 0)) {
        oldest = socket;
      }
    }
    if (oldest == null) {
      return false;
    }
    crowdOut(oldest.connection());
    return true;
  }

  private void crowdOut(Connection connection) {
    metrics.refused(Reason.CROWDED);
    // Closing takes its time, and its place is given away now.
    forget(connection);
    connection.close();
  }

  private void pause(Connection connection) {
    if (connection instanceof ConnectionMetaData http
        && http.getConnector() instanceof AbstractConnector connector) {
      connector.setAccepting(false);
      paused = connector;
    }
  }

  private void resume() {
    AbstractConnector connector = paused;
    if (connector != null) {
      paused = null;
      connector.setAccepting(true);
    }
  }

  private static String address(Connection connection) {
    SocketAddress address = connection.getEndPoint().getRemoteSocketAddress();
    return address instanceof InetSocketAddress internet && internet.getAddress() != null
        ? ClientAddress.of(internet.getAddress().getHostAddress())
        : "unknown";
  }

  /**
   * @param waited as it was when it was looked at, since that may change meanwhile
   */
  private record Stalled(HttpSocket socket, long waited) {}
}
