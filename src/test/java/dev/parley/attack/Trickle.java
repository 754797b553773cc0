package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.support.Entrance;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Requests that have begun and do not end. */
final class Trickle implements AutoCloseable {
  private final List<Socket> sockets = new ArrayList<>();

  private Trickle() {}

  /** So many requests from a few addresses, each of which has got so far. */
  static Trickle open(Entrance door, int count, String begun) throws IOException {
    Trickle trickle = new Trickle();
    for (int i = 0; i < count; i++) {
      Socket socket = Hostile.open(door, 2 + i % 10);
      trickle.sockets.add(socket);
      socket.getOutputStream().write(begun.getBytes(US_ASCII));
    }
    return trickle;
  }

  /** Sends a byte more of each; how many the server has not closed. */
  int sendOne(char more) {
    sockets.removeIf(socket -> {
      try {
        socket.getOutputStream().write(more);
        return false;
      } catch (IOException closed) {
        return true;
      }
    });
    return sockets.size();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
