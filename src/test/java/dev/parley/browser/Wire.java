package dev.parley.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * The network between a page and a service on this machine: passes bytes on until it is cut, and
 * takes no connection until it is mended.
 */
final class Wire implements AutoCloseable {
  private final ServerSocket door;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;
  private volatile boolean deaf;

  Wire(int target) throws IOException {
    this.target = target;
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  void cut() {
    cut = true;
    sockets.forEach(Wire::drop);
  }

  /** Loses what the server says from here on, as a connection does that is about to break. */
  void loseAnswers() {
    deaf = true;
  }

  void mend() {
    cut = false;
    deaf = false;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = door.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> connect(client));
      }
    } catch (IOException e) {
      cut();
    }
  }

  private void connect(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      sockets.add(server);
      if (!cut) {
        Thread back = Thread.ofVirtual().start(() -> pass(server, client, () -> deaf));
        pass(client, server, () -> false);
        back.join();
      }
    } catch (IOException e) {
      drop(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends both directions when one ends: half-closed connections are of no interest here. */
  private void pass(Socket from, Socket to, BooleanSupplier losing) {
    try {
      byte[] bytes = new byte[16_384];
      int length = from.getInputStream().read(bytes);
      while (length >= 0) {
        if (!losing.getAsBoolean()) {
          to.getOutputStream().write(bytes, 0, length);
        }
        length = from.getInputStream().read(bytes);
      }
    } catch (IOException e) {
      drop(from);
    } finally {
      drop(to);
      sockets.remove(from);
    }
  }

  private static void drop(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Cuts what is connected and takes no more: {@code accept} fails. */
  @Override
  public void close() throws IOException {
    door.close();
  }
}
