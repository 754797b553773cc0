package dev.parley.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP proxy on loopback that does to connections what networks do. Healthy until told otherwise;
 * {@link #heal} ends every fault but does not bring cut connections back.
 */
public final class TcpProxy implements AutoCloseable {
  /** Empty at the end. */
  private record Chunk(byte[] bytes, long dueNanos) {}

  private final ServerSocket server;
  private volatile InetSocketAddress target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Set<Socket> swallowed = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile boolean swallowing;
  private volatile boolean holding;
  private volatile boolean holdingReplies;
  private final AtomicLong heldReplies = new AtomicLong();
  private volatile long delayNanos;

  /** To a port of loopback. */
  public TcpProxy(int port) {
    this("127.0.0.1", port);
  }

  public TcpProxy(String host, int port) {
    this.target = new InetSocketAddress(host, port);
    try {
      this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public String host() {
    return "127.0.0.1";
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Resets every connection; new ones are let in. */
  public void cut() {
    for (Socket socket : sockets) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (IOException alreadyClosed) {
        // What was to be reached.
      }
    }
  }

  /** Leads new connections elsewhere; those that are there stay where they are. */
  public void leadTo(String host, int port) {
    target = new InetSocketAddress(host, port);
  }

  /** Lets no new connection in. */
  public void refuse() {
    refusing = true;
  }

  /** Resets every connection, and lets none in until {@link #heal}. */
  public void goDown() {
    refuse();
    cut();
  }

  /** Holds everything back that long, both ways; 0 for none. */
  public void delay(Duration delay) {
    delayNanos = delay.toNanos();
  }

  /** Throws away what the target answers: requests are executed and nobody learns of it. */
  public void swallowReplies() {
    swallowing = true;
  }

  /** Holds everything back, both ways, until {@link #heal}. */
  public void hold() {
    holding = true;
  }

  /** Holds back what the target answers until {@link #heal}. */
  public void holdReplies() {
    holdingReplies = true;
  }

  /** Bytes of answers that have come from the target and were not handed on. */
  public long heldReplies() {
    return heldReplies.get();
  }

  public void heal() {
    refusing = false;
    swallowing = false;
    holding = false;
    holdingReplies = false;
    delayNanos = 0;
  }

  /** As {@link #heal}, but the connections that are there keep swallowing replies. */
  public void healForNewConnections() {
    swallowed.addAll(sockets);
    heal();
  }

  /** How many connections go through it. */
  public int connections() {
    return sockets.size() / 2;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        if (refusing) {
          client.close();
        } else {
          join(client);
        }
      } catch (IOException closed) {
        // The loop ends with the server socket.
      }
    }
  }

  private void join(Socket client) throws IOException {
    Socket upstream = new Socket();
    try {
      upstream.connect(target);
    } catch (IOException refused) {
      client.close();
      return;
    }
    client.setTcpNoDelay(true);
    upstream.setTcpNoDelay(true);
    sockets.add(client);
    sockets.add(upstream);
    pump(client, upstream, false);
    pump(upstream, client, true);
  }

  private void pump(Socket from, Socket to, boolean replies) {
    BlockingQueue<Chunk> chunks = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> read(from, chunks, replies));
    Thread.ofVirtual().start(() -> write(from, to, chunks, replies));
  }

  private void read(Socket from, BlockingQueue<Chunk> chunks, boolean replies) {
    byte[] buffer = new byte[64 * 1024];
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (!(replies && (swallowing || swallowed.contains(from)))) {
          if (replies) {
            heldReplies.addAndGet(read);
          }
          chunks.add(new Chunk(Arrays.copyOf(buffer, read), System.nanoTime() + delayNanos));
        }
      }
    } catch (IOException closed) {
      // Said to the other side by the end of the chunks.
    }
    chunks.add(new Chunk(new byte[0], System.nanoTime()));
  }

  private void write(Socket from, Socket to, BlockingQueue<Chunk> chunks, boolean replies) {
    try {
      OutputStream out = to.getOutputStream();
      for (Chunk chunk = chunks.take(); chunk.bytes().length > 0; chunk = chunks.take()) {
        long wait = chunk.dueNanos() - System.nanoTime();
        while (wait > 0 || holding || (replies && holdingReplies)) {
          LockSupport.parkNanos(Math.max(wait, 1_000_000));
          wait = chunk.dueNanos() - System.nanoTime();
        }
        out.write(chunk.bytes());
        if (replies) {
          heldReplies.addAndGet(-chunk.bytes().length);
        }
      }
    } catch (IOException closed) {
      // Both sides are closed below.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close(from);
    close(to);
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException alreadyClosed) {
      // Nothing else to do.
    }
  }

  @Override
  public void close() {
    heal();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }
}
