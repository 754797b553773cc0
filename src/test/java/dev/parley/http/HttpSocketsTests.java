package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.security.HttpMetrics;
import dev.parley.security.HttpProperties;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.util.unit.DataSize;

/** The sockets of an instance, swept by hand. */
@Timeout(60)
class HttpSocketsTests {
  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext(SimpleMeterRegistry.class, HttpMetrics.class);
  private final Sweeps sweeps = new Sweeps();

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void itIsNotQuietBetweenTwoRequestsOnOneSocket() throws Exception {
    HttpSockets sockets = sockets(100, 100);
    Client client = new Client("10.0.0.1");
    sockets.onOpened(client);
    sweeps.run(5);
    HttpSocket socket = sockets.of(client);
    // What Jetty has read at once are two requests, the first of which is answered.
    client.bytesIn = 200;
    socket.next(HttpSocket.Phase.HANDLING, System.nanoTime());
    CompletableFuture<Void> quiet = sockets.whenQuiet();
    sweeps.run(5);
    assertThat(quiet).isNotDone();
    socket.next(HttpSocket.Phase.HEAD, System.nanoTime());
    sweeps.run(2);
    assertThat(quiet).isNotDone();
    socket.next(HttpSocket.Phase.HANDLING, System.nanoTime());
    sweeps.run(1);
    socket.next(HttpSocket.Phase.HEAD, System.nanoTime());
    sweeps.run(3);
    assertThat(quiet).isCompleted();
  }

  @Test
  void aRequestThatBeganAndEndedBetweenTwoSweepsIsNoQuiet() throws Exception {
    HttpSockets sockets = sockets(100, 100);
    Client client = new Client("10.0.0.1");
    sockets.onOpened(client);
    sweeps.run(5);
    CompletableFuture<Void> quiet = sockets.whenQuiet();
    client.bytesIn = 100;
    sockets.of(client).next(HttpSocket.Phase.HANDLING, System.nanoTime());
    sockets.of(client).next(HttpSocket.Phase.HEAD, System.nanoTime());
    sweeps.run(2);
    assertThat(quiet).isNotDone();
    sweeps.run(1);
    assertThat(quiet).isCompleted();
  }

  @Test
  void halfAHeadIsNoQuiet() throws Exception {
    HttpSockets sockets = sockets(100, 100);
    Client client = new Client("10.0.0.1");
    sockets.onOpened(client);
    client.bytesIn = 10;
    CompletableFuture<Void> quiet = sockets.whenQuiet();
    sweeps.run(10);
    assertThat(quiet).isNotDone();
  }

  @Test
  void anAddressThatKeepsAllItsSocketsBusyLeavesPlaceForOthers() throws Exception {
    HttpSockets sockets = sockets(100, 10);
    List<Client> attackers = open(sockets, "10.0.0.1", 200);
    // One that is asked something new all the time is never stalled.
    assertThat(attackers.stream().filter(Client::isOpen)).hasSize(50);
    assertThat(open(sockets, "10.0.0.2", 10)).allMatch(Client::isOpen);
    assertThat(open(sockets, "10.0.0.3", 10)).allMatch(Client::isOpen);
    attackers.forEach(Client::close);
    attackers.forEach(sockets::onClosed);
    assertThat(open(sockets, "10.0.0.1", 10)).allMatch(Client::isOpen);
  }

  /** Each of them was compared with all others: 100 s. */
  @Test
  @Timeout(30)
  void manySocketsOfOneAddressAreSweptInOneGo() throws Exception {
    HttpSockets sockets = sockets(1_000_000, 1);
    List<Client> clients = open(sockets, "10.0.0.1", 100_000);
    sweeps.run(1);
    assertThat(clients).hasSize(100_000);
  }

  private static List<Client> open(HttpSockets sockets, String from, int count) {
    List<Client> opened =
        new ArrayList<>(IntStream.range(0, count).mapToObj(_ -> new Client(from)).toList());
    opened.forEach(sockets::onOpened);
    return opened;
  }

  private HttpSockets sockets(int connections, int perAddress) throws Exception {
    HttpProperties properties =
        new HttpProperties(
            Duration.ofMinutes(10),
            DataSize.ofKilobytes(1),
            Duration.ofMinutes(10),
            connections,
            perAddress,
            500,
            100,
            1_000,
            DataSize.ofMegabytes(1));
    HttpSockets sockets = new HttpSockets(properties, context.getBean(HttpMetrics.class));
    sockets.sweptBy(sweeps);
    sockets.start();
    return sockets;
  }

  /** A socket of this address, of which so many bytes have been read. */
  private static final class Client extends AbstractConnection {
    private long bytesIn;

    Client(String from) {
      super(
          new ByteArrayEndPoint() {
            @Override
            public SocketAddress getRemoteSocketAddress() {
              return new InetSocketAddress(InetAddress.ofLiteral(from), 50_000);
            }
          },
          Runnable::run);
    }

    boolean isOpen() {
      return getEndPoint().isOpen();
    }

    @Override
    public long getBytesIn() {
      return bytesIn;
    }

    @Override
    public void onFillable() {}
  }

  /** Runs what is scheduled when it is told to. */
  private static final class Sweeps extends AbstractLifeCycle implements Scheduler {
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public Task schedule(Runnable task, long delay, TimeUnit unit) {
      tasks.add(task);
      return () -> tasks.remove(task);
    }

    void run(int times) {
      for (int i = 0; i < times; i++) {
        tasks.remove().run();
      }
    }
  }
}
