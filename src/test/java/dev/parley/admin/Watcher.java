package dev.parley.admin;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A user's connection to one instance, which notes what it is told and how it ends. */
final class Watcher implements WebSocket.Listener, AutoCloseable {
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;
  private volatile int closeCode;

  Watcher(HttpClient client, int port, String path, String token) throws Exception {
    WebSocket.Builder builder =
        client.newWebSocketBuilder().header("Authorization", "Bearer " + token);
    if (path.equals("/ws")) {
      builder.subprotocols("parley.v1");
    }
    socket =
        builder
            .buildAsync(URI.create("ws://127.0.0.1:" + port + path), this)
            .get(20, TimeUnit.SECONDS);
  }

  /** Is in the room when this returns. */
  Watcher join(String room) {
    say("{\"type\":\"join\",\"room\":\"%s\",\"ref\":\"j\"}".formatted(room));
    hears("\"type\":\"joined\"", "\"room\":\"" + room + "\"");
    return this;
  }

  void say(String json) {
    socket.sendText(json, true).join();
  }

  /** Waits for a frame with all of this in it, and returns it. */
  String hears(String... parts) {
    await().atMost(Duration.ofSeconds(20)).until(() -> find(parts) != null);
    return String.valueOf(find(parts));
  }

  boolean heard(String... parts) {
    return find(parts) != null;
  }

  int closeCode() {
    await().atMost(Duration.ofSeconds(20)).until(() -> closeCode != 0);
    return closeCode;
  }

  boolean isOpen() {
    return closeCode == 0;
  }

  private @Nullable String find(String... parts) {
    for (String frame : heard) {
      if (List.of(parts).stream().allMatch(frame::contains)) {
        return frame;
      }
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    partial.append(text);
    if (last) {
      heard.add(partial.toString());
      partial.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closeCode = code;
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    closeCode = 1006;
  }

  @Override
  public void close() {
    socket.abort();
  }
}
