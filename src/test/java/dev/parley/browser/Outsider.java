package dev.parley.browser;

import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** A client that is no browser, with all text and binary that it received. */
final class Outsider implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TestClient client;

  private Outsider(TestClient client) {
    this.client = client;
  }

  /** Speaks the whole protocol. */
  static Outsider speaking(ParleyService service) {
    return new Outsider(
        service.handshake("/ws").subprotocol("parley.v1").answeringCloses().connect());
  }

  /** Names no subprotocol. */
  static Outsider plain(ParleyService service, String path) {
    return new Outsider(service.handshake(path).answeringCloses().connect());
  }

  Outsider send(String text) {
    client.send(text);
    return this;
  }

  Outsider send(byte[] bytes) {
    client.send(bytes);
    return this;
  }

  /** Joins a room as a guest of this name, and is in when this returns. */
  Outsider join(String room, String name) {
    send("{\"type\":\"join\",\"room\":\"" + room + "\",\"username\":\"" + name + "\"}");
    awaitFrame("joined", frame -> frame.path("room").asString("").equals(room));
    return this;
  }

  /** Says something that no other message says; the room has it when this returns. */
  void publish(String room, String text) {
    String ref = "\",\"ref\":\"" + text + "\",\"content\":\"" + text + "\"}";
    send("{\"type\":\"message\",\"room\":\"" + room + ref);
    awaitFrame("ack", frame -> frame.path("ref").asString("").equals(text));
  }

  List<String> texts() {
    return client.received().stream()
        .filter(frame -> frame.opcode() == Received.TEXT)
        .map(Received::text)
        .toList();
  }

  List<byte[]> binaries() {
    return client.received().stream()
        .filter(frame -> frame.opcode() == Received.BINARY)
        .map(Received::payload)
        .toList();
  }

  /** The first frame of this type for which the condition holds, once it is there. */
  JsonNode awaitFrame(String type, Predicate<JsonNode> condition) {
    return await()
        .atMost(PATIENCE)
        .until(() -> client.all(type).stream().filter(condition).findFirst(), Optional::isPresent)
        .orElseThrow();
  }

  JsonNode awaitFrame(String type) {
    return awaitFrame(type, frame -> true);
  }

  @Override
  public void close() {
    client.close();
  }
}
