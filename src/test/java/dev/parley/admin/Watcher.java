package dev.parley.admin;

import static org.awaitility.Awaitility.await;

import dev.parley.support.Handshake;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A user's connection to one instance, which notes what it is told and how it ends. */
final class Watcher implements AutoCloseable {
  static final String AGENT = "Watcher/1.0";

  private final TestClient client;

  Watcher(Handshake handshake, String path) {
    handshake.header("User-Agent: " + AGENT);
    if (path.equals("/ws")) {
      handshake.subprotocol("parley.v1");
    }
    client = handshake.answeringCloses().connect();
  }

  /** Is in the room when this returns. */
  Watcher join(String room) {
    client.join(room);
    return this;
  }

  void say(String json) {
    client.send(json);
  }

  /** Waits for a frame with all of this in it, and returns it. */
  String hears(String... parts) {
    await().atMost(Duration.ofSeconds(20)).until(() -> heard(parts));
    return String.valueOf(find(parts));
  }

  boolean heard(String... parts) {
    return find(parts) != null;
  }

  int closeCode() {
    return client.awaitCloseCode();
  }

  boolean isOpen() {
    return client.isOpen();
  }

  private @Nullable String find(String... parts) {
    return client.received().stream()
        .filter(frame -> frame.opcode() == Received.TEXT)
        .map(Received::text)
        .filter(frame -> List.of(parts).stream().allMatch(frame::contains))
        .findFirst()
        .orElse(null);
  }

  @Override
  public void close() {
    client.close();
  }
}
