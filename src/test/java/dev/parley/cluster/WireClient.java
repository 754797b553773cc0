package dev.parley.cluster;

import dev.parley.support.Entrance;
import dev.parley.support.Handshake;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * A client of {@code parley.v1} that hands over each frame: a sender that is not read is blocked,
 * and a connection can be dropped as a network drops it.
 */
final class WireClient implements AutoCloseable {
  /** Close code of a connection that ended without one. */
  static final int BROKEN = 1006;

  private final TestClient client;
  private volatile int closeCode;

  private WireClient(
      Handshake handshake, BiConsumer<WireClient, JsonNode> frames, Consumer<WireClient> ended) {
    client =
        handshake
            .sendBuffer(32 * 1024)
            .answeringCloses()
            .listening(frame -> {
              if (frame.opcode() == Received.TEXT) {
                frames.accept(this, frame.json());
              }
            })
            .whenOver(() -> over(ended))
            .notReading()
            .connect();
    client.read();
  }

  static WireClient connect(Entrance door, String user, BiConsumer<WireClient, JsonNode> frames)
      throws IOException {
    return connect(door, user, frames, client -> {});
  }

  /**
   * @param frames called for each frame, in order, on the reading thread
   * @param ended called once when the connection is over, on the same thread
   */
  static WireClient connect(
      Entrance door,
      String user,
      BiConsumer<WireClient, JsonNode> frames,
      Consumer<WireClient> ended)
      throws IOException {
    try {
      return new WireClient(Handshake.at(door, user), frames, ended);
    } catch (UncheckedIOException e) {
      throw new IOException(e);
    }
  }

  private void over(Consumer<WireClient> ended) {
    closeCode = client.isClosed() ? client.awaitCloseCode() : BROKEN;
    ended.accept(this);
  }

  /** Blocks while the server does not read. */
  void send(String frame) throws IOException {
    try {
      client.send(frame);
    } catch (UncheckedIOException e) {
      throw new IOException(e);
    }
  }

  boolean isOpen() {
    return closeCode == 0;
  }

  /** What the server closed it with, {@link #BROKEN} where it broke, 0 while it is open. */
  int closeCode() {
    return closeCode;
  }

  /** Breaks the connection; what was not read is lost, and no frame is handed over afterwards. */
  void drop() {
    client.disconnect();
    client.awaitEnd();
  }

  @Override
  public void close() {
    drop();
  }
}
