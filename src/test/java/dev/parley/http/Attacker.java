package dev.parley.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Many raw sockets from one address, driven by one thread. */
final class Attacker implements AutoCloseable {
  private final List<Victim> sockets = new ArrayList<>();

  /** One socket, and what was heard on it. */
  static final class Victim {
    private final SocketChannel channel;
    private final StringBuilder heard = new StringBuilder();
    private boolean closed;

    private Victim(SocketChannel channel) {
      this.channel = channel;
    }

    /** What is here by now. */
    String heard() {
      ByteBuffer buffer = ByteBuffer.allocate(4_096);
      try {
        while (!closed) {
          int read = channel.read(buffer.clear());
          if (read == 0) {
            break;
          }
          closed = read < 0;
          heard.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        }
      } catch (IOException reset) {
        closed = true;
      }
      return heard.toString();
    }

    boolean isClosed() {
      heard();
      return closed;
    }

    void send(String text) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException gone) {
        closed = true;
      }
    }
  }

  /**
   * @param from an address of this machine: each of 127.0.0.0/8 is one
   * @param text sent at once
   */
  Attacker(int port, String from, int count, String text) {
    for (int i = 0; i < count; i++) {
      try {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
        channel.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.configureBlocking(false);
        Victim socket = new Victim(channel);
        socket.send(text);
        sockets.add(socket);
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }

  Stream<Victim> sockets() {
    return sockets.stream();
  }

  /** Another byte on each that is open. */
  void trickle() {
    sockets.forEach(socket -> {
      if (!socket.isClosed()) {
        socket.send("a");
      }
    });
  }

  long closed() {
    return sockets.stream().filter(Victim::isClosed).count();
  }

  @Override
  public void close() {
    for (Victim socket : sockets) {
      try {
        socket.channel.close();
      } catch (IOException gone) {
        socket.closed = true;
      }
    }
  }
}
