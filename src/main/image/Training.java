import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The training run behind the image's AOT cache: starts the service on a Redis, lets clients do
 * what clients do, stops it, and leaves the cache that the JVM writes then. Part of the image's
 * build, not of the image.
 *
 * <p>Arguments: the redis-server to start, the file to write.
 */
final class Training {
  private static final int HANDSHAKES = 2_000;
  private static final int MESSAGES = 10;
  private static final int LISTENERS = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** For writing the cache: a second JVM does it, on a machine that may be busy. */
  private static final Duration END = Duration.ofMinutes(5);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String secret = secret();
  private final int port = freePort();
  private final int managementPort = freePort();

  private Training() throws IOException {}

  public static void main(String[] arguments) throws Exception {
    Path cache = Path.of(arguments[1]);
    new Training().run(arguments[0], cache);
    System.out.println(cache + ": " + Files.size(cache) / 1_000_000 + " MB");
  }

  private void run(String redisServer, Path cache) throws Exception {
    int redisPort = freePort();
    Process redis =
        start(redisServer, "--port", redisPort + "", "--bind", "127.0.0.1", "--save", "");
    try {
      Process service = start(command(cache, redisPort));
      try {
        awaitReady(service);
        train();
      } finally {
        service.destroy();
      }
      // The JVM writes the cache when it ends.
      if (!service.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
        service.destroyForcibly();
        throw new IllegalStateException("the service did not stop");
      }
    } finally {
      redis.destroy();
    }
  }

  private String[] command(Path cache, int redisPort) {
    return new String[] {
      "java",
      "@/app/jvm.options",
      "-XX:AOTCacheOutput=" + cache,
      "-jar",
      "/app/parley.jar",
      "--server.address=127.0.0.1",
      "--server.port=" + port,
      "--management.server.address=127.0.0.1",
      "--management.server.port=" + managementPort,
      "--parley.broker=redis",
      "--spring.data.redis.host=127.0.0.1",
      "--spring.data.redis.port=" + redisPort,
      "--parley.access.jwt-secret=" + secret,
      "--parley.access.default-policy=authenticated",
      // Nobody is left to be told.
      "--parley.drain.window=0s",
      "--parley.presence.grace=0s",
      // The limits' code is trained too; they just must not be met.
      "--parley.limits.messages-per-second=1000000",
      "--parley.limits.burst=1000000",
      "--parley.limits.handshakes-per-second=1000000",
      "--parley.limits.handshake-burst=1000000",
    };
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(command).inheritIO().start();
  }

  private void awaitReady(Process service) throws InterruptedException {
    URI readiness = management("/actuator/health/readiness");
    Instant end = Instant.now().plus(PATIENCE);
    while (!isReady(readiness)) {
      if (!service.isAlive() || Instant.now().isAfter(end)) {
        throw new IllegalStateException("the service did not start");
      }
      Thread.sleep(100);
    }
  }

  private boolean isReady(URI readiness) throws InterruptedException {
    try {
      return get(readiness, "") == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Members that stay and hear everything, and many that come, speak and go. */
  private void train() throws Exception {
    List<WebSocket> listeners = new ArrayList<>();
    for (int i = 0; i < LISTENERS; i++) {
      WebSocket listener = connect("listener" + i, new CountDownLatch(0));
      join(listener, "room" + i % 4);
      listeners.add(listener);
    }
    for (int i = 0; i < HANDSHAKES; i++) {
      String room = "room" + i % 4;
      CountDownLatch acknowledged = new CountDownLatch(i % 20 == 0 ? MESSAGES : 0);
      WebSocket client = connect("user" + i, acknowledged);
      join(client, room);
      for (long left = acknowledged.getCount(); left > 0; left--) {
        send(client, message(room, i + "-" + left));
      }
      send(client, "{\"type\":\"ping\"}");
      if (!acknowledged.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("messages were not acknowledged");
      }
      client.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
      if (i % 50 == 0) {
        overHttp(room);
      }
    }
    for (WebSocket listener : listeners) {
      listener.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    }
  }

  /** REST, the verdict of a handshake that is none, a refusal, and Prometheus. */
  private void overHttp(String room) throws IOException, InterruptedException {
    URI messages = users("http", "/api/v1/rooms/" + room + "/messages");
    HttpRequest publish =
        HttpRequest.newBuilder(messages)
            .header("Authorization", "Bearer " + token("server"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"content\":{\"order\":4711}}"))
            .build();
    expect(200, http.send(publish, BodyHandlers.ofString()).statusCode());
    expect(200, get(messages, token("server")));
    expect(426, get(users("http", "/ws"), token("server")));
    expect(401, get(users("http", "/ws"), "no.such.token"));
    expect(200, get(management("/actuator/prometheus"), ""));
    expect(200, get(management("/actuator/health/liveness"), ""));
  }

  private static void expect(int expected, int status) {
    if (status != expected) {
      throw new IllegalStateException("answered " + status + ", not " + expected);
    }
  }

  private int get(URI uri, String token) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(PATIENCE);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), BodyHandlers.ofString()).statusCode();
  }

  private WebSocket connect(String user, CountDownLatch acknowledged) {
    return http.newWebSocketBuilder()
        .subprotocols("parley.v1", "bearer." + token(user))
        .buildAsync(
            users("ws", "/ws"),
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                if (text.toString().startsWith("{\"type\":\"ack\"")) {
                  acknowledged.countDown();
                }
                socket.request(1);
                return null;
              }
            })
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  private static void join(WebSocket client, String room) {
    send(client, "{\"type\":\"join\",\"ref\":\"j\",\"room\":\"" + room + "\",\"last\":5}");
  }

  private static String message(String room, String id) {
    return "{\"type\":\"message\",\"room\":\"%s\",\"id\":\"%s\",\"content\":\"%s\"}"
        .formatted(room, id, "x".repeat(120));
  }

  private static void send(WebSocket client, String frame) {
    client.sendText(frame, true).join();
  }

  private String token(String user) {
    long expires = Instant.now().plusSeconds(3_600).getEpochSecond();
    String signed =
        base64("{\"alg\":\"HS256\"}".getBytes(UTF_8))
            + "."
            + base64("{\"sub\":\"%s\",\"exp\":%d}".formatted(user, expires).getBytes(UTF_8));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
      return signed + "." + base64(mac.doFinal(signed.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private URI users(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + port + path);
  }

  private URI management(String path) {
    return URI.create("http://127.0.0.1:" + managementPort + path);
  }

  private static String secret() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
