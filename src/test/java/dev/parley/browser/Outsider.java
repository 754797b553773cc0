package dev.parley.browser;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that is no browser: the JDK's WebSocket, with all text and binary that it received. */
final class Outsider implements WebSocket.Listener, AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final HttpClient http;
  private final WebSocket socket;
  private final StringBuilder partial = new StringBuilder();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private final List<ByteBuffer> binaries = new CopyOnWriteArrayList<>();

  private Outsider(String url, @Nullable String subprotocol) {
    http = HttpClient.newHttpClient();
    WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(PATIENCE);
    if (subprotocol != null) {
      builder.subprotocols(subprotocol);
    }
    socket = builder.buildAsync(URI.create(url), this).join();
  }

  /** Speaks the whole protocol. */
  static Outsider speaking(String url) {
    return new Outsider(url, "parley.v1");
  }

  /** Names no subprotocol. */
  static Outsider plain(String url) {
    return new Outsider(url, null);
  }

  Outsider send(String text) {
    socket.sendText(text, true).join();
    return this;
  }

  Outsider send(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
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
    return texts;
  }

  List<ByteBuffer> binaries() {
    return binaries;
  }

  /** The first frame of this type for which the condition holds, once it is there. */
  JsonNode awaitFrame(String type, Predicate<JsonNode> condition) {
    return await()
        .atMost(PATIENCE)
        .until(() -> find(type, condition), Optional::isPresent)
        .orElseThrow();
  }

  JsonNode awaitFrame(String type) {
    return awaitFrame(type, frame -> true);
  }

  private Optional<JsonNode> find(String type, Predicate<JsonNode> condition) {
    return texts.stream()
        .map(JSON::readTree)
        .filter(frame -> frame.path("type").asString("").equals(type))
        .filter(condition)
        .findFirst();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      texts.add(partial.toString());
      partial.setLength(0);
    }
    from.request(1);
    return null;
  }

  /** The samples' messages are so short that none arrives in parts. */
  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    binaries.add(ByteBuffer.allocate(data.remaining()).put(data).flip());
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    http.shutdownNow();
  }
}
