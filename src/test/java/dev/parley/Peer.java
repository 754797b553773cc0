package dev.parley;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A guest on a WebSocket; all of them together count what they say and hear. */
final class Peer implements WebSocket.Listener {
  /** Bytes of payload. */
  static final AtomicLong SAID = new AtomicLong();

  /** Frames but for control frames, and their bytes. */
  static final AtomicLong HEARD = new AtomicLong();

  static final AtomicLong BYTES_HEARD = new AtomicLong();

  private final List<String> heard = new CopyOnWriteArrayList<>();
  final WebSocket socket;
  private int seen;

  Peer(HttpClient client, URI endpoint) throws Exception {
    WebSocket.Builder builder = client.newWebSocketBuilder();
    if (endpoint.getPath().equals("/ws")) {
      builder.subprotocols("parley.v1");
    }
    socket = builder.buildAsync(endpoint, this).get(10, TimeUnit.SECONDS);
  }

  Peer say(String text) {
    String json = text.replace('\'', '"');
    SAID.addAndGet(json.getBytes(StandardCharsets.UTF_8).length);
    socket.sendText(json, true).join();
    return this;
  }

  Peer say(byte[] binary) {
    SAID.addAndGet(binary.length);
    socket.sendBinary(ByteBuffer.wrap(binary), true).join();
    return this;
  }

  /** Waits for a frame with this in it, behind those that were waited for before. */
  void hears(String part) {
    await()
        .until(() -> {
          while (seen < heard.size()) {
            if (heard.get(seen++).contains(part)) {
              return true;
            }
          }
          return false;
        });
  }

  // No frame here is large enough to come in pieces.

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    add(text.toString(), text.toString().getBytes(StandardCharsets.UTF_8).length);
    return next(from);
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer bytes, boolean last) {
    add("binary", bytes.remaining());
    return next(from);
  }

  private void add(String frame, int bytes) {
    HEARD.incrementAndGet();
    BYTES_HEARD.addAndGet(bytes);
    heard.add(frame);
  }

  private static CompletionStage<?> next(WebSocket from) {
    from.request(1);
    return CompletableFuture.completedFuture(from);
  }
}
