package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * docs/METRICS.md against what Prometheus reads of a service that has seen a bit of everything: two
 * members, a device on {@code /raw} and a REST client talk in one room, and some of what they ask
 * is refused.
 */
@Tag("service")
@Timeout(60)
class MetricsDocTests {
  private static final Pattern ROW =
      Pattern.compile("\\| `(parley_\\w+)` \\| (\\w+) \\| [^|]+ \\| ([^|]+) \\|.*");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static ConfigurableApplicationContext context;
  private static int port;

  // As the session ended, and before its connections did.
  private static Map<String, Double> session;
  private static long heard;
  private static long bytesHeard;

  private static Map<String, Double> end;
  private static PrometheusPage page;
  private static int limited;

  @BeforeAll
  static void playASession() throws Exception {
    context =
        new SpringApplicationBuilder(Parley.class)
            .run(
                "--spring.profiles.active=dev",
                "--spring.main.banner-mode=off",
                "--server.port=0",
                "--parley.lanes=1",
                "--parley.websocket.heartbeat=10m",
                "--parley.presence.grace=0s",
                "--parley.limits.messages-per-second=1",
                "--parley.limits.burst=20");
    port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    Peer ann = new Peer(CLIENT, uri("ws", "/ws"));
    Peer ben = new Peer(CLIENT, uri("ws", "/ws"));
    Peer device = new Peer(CLIENT, uri("ws", "/raw/r"));
    ann.say("{'type':'join','room':'r'}").hears("\"user-joined\"");
    ben.say("{'type':'join','room':'r'}").hears("\"user-joined\"");
    ann.say("{'type':'join','room':'@nobody'}").hears("\"forbidden\"");
    ann.say("{'type':'message','room':'r','id':'1','content':'one'}").hears("\"ack\"");
    ann.say("{'type':'message','room':'r','id':'1','content':'one'}").hears("\"duplicate\"");
    ann.say("{'type':'message','room':'r','id':'1','content':'two'}").hears("\"id_conflict\"");
    ann.say("{'type':'nonsense'}").hears("\"unknown_type\"");
    ben.say(new byte[] {1, 1, 'r', 0, 42}).hears("binary");
    ben.say("{'type':'signal','room':'r','name':'wave'}");
    ann.hears("\"wave\"");
    device.say("22.5").hears("22.5");
    assertThat(publish("{\"content\":1}").statusCode()).isEqualTo(200);
    ann.hears("\"offset\":4");
    ben.hears("\"offset\":4");
    device.hears("1");
    for (int i = 0; i < 30; i++) {
      limited += publish("no JSON").statusCode() == 429 ? 1 : 0;
    }
    RawHttp http = new RawHttp(port);
    assertThat(http.upgrade("/ws?token=x").status()).isEqualTo(401);
    assertThat(http.upgrade("/ws", "Origin: https://evil.example").status()).isEqualTo(403);
    assertThat(http.upgrade("/raw/not%20a%20room").status()).isEqualTo(400);
    assertThat(http.get("/ws").status()).isEqualTo(426);
    await()
        .until(() ->
            metrics().values().getOrDefault("parley_frames_sent_total", 0.0) >= Peer.HEARD.get());
    session = metrics().values();
    heard = Peer.HEARD.get();
    bytesHeard = Peer.BYTES_HEARD.get();
    ann.socket.sendClose(1001, "").join();
    ben.socket.sendClose(4999, "").join();
    device.socket.abort();
    await().until(() -> open(metrics().values()) == 0);
    page = metrics();
    end = page.values();
  }

  @AfterAll
  static void stop() {
    context.close();
    CLIENT.close();
  }

  @Test
  void theDocumentListsEveryMetricAndNoOther() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    rows("parley_(?!redis_)").forEach(row -> documented.put(row.group(1), row.group(2)));
    assertThat(documented).isEqualTo(page.types());
  }

  @Test
  void tagsAndTheirValuesAreThoseOfTheDocument() throws IOException {
    Map<String, Set<String>> documented = new TreeMap<>();
    for (Matcher row : rows("parley_(?!redis_)")) {
      documented.put(row.group(1), tags(row.group(3)));
    }
    assertThat(documented).isEqualTo(page.tags());
  }

  @Test
  void handshakesAreCountedByOutcome() {
    assertThat(values("parley_handshakes_total"))
        .isEqualTo(
            Map.of(
                "accepted", 3.0,
                "unauthorized", 1.0,
                "forbidden", 1.0,
                "bad_request", 1.0,
                "rate_limited", 0.0,
                "unavailable", 0.0));
  }

  @Test
  void joinsAreCountedByOutcome() {
    assertThat(values("parley_joins_total"))
        .isEqualTo(Map.of("joined", 3.0, "forbidden", 1.0, "unavailable", 0.0));
  }

  @Test
  void messagesAreCountedByFormAndPublishesByOutcome() {
    assertThat(end).containsEntry("parley_frames_received_total", 10.0);
    assertThat(values("parley_messages_received_total"))
        .isEqualTo(Map.of("json", 4.0, "binary", 1.0));
    assertThat(values("parley_publishes_total"))
        .isEqualTo(
            Map.of(
                "accepted", 4.0,
                "duplicate", 1.0,
                "conflict", 1.0,
                "unavailable", 0.0,
                "unconfirmed", 0.0));
  }

  @Test
  void aDeliveryIsOneMessageToOneMember() {
    assertThat(end)
        .containsEntry("parley_deliveries_total", 12.0)
        .containsEntry("parley_delivery_latency_seconds_count", 4.0)
        .containsEntry("parley_refills_total", 0.0);
  }

  @Test
  void framesAndBytesAreThoseOfTheSockets() {
    assertThat(session)
        .containsEntry("parley_frames_sent_total", (double) heard)
        .containsEntry("parley_bytes_received_total", (double) Peer.SAID.get());
    // Each frame has a header of two bytes at least.
    assertThat(session.getOrDefault("parley_bytes_sent_total", 0.0))
        .isGreaterThanOrEqualTo(bytesHeard + 2.0 * heard);
    assertThat(session.getOrDefault("parley_writes_total", 0.0))
        .isPositive()
        .isLessThanOrEqualTo((double) heard);
  }

  @Test
  void requestsOverTheRateAreCounted() {
    assertThat(limited).isPositive();
    assertThat(end).containsEntry("parley_rate_limited_total", (double) limited);
  }

  @Test
  void whatIsOpenIsShown() {
    assertThat(session)
        .containsEntry("parley_connections websocket", 2.0)
        .containsEntry("parley_connections raw", 1.0)
        .containsEntry("parley_rooms", 1.0)
        .containsEntry("parley_outbound_pinned_bytes", 0.0);
    assertThat(open(end)).isZero();
  }

  @Test
  void closesAreCountedByCode() {
    Map<String, Double> closes = values("parley_closes_total");
    closes.values().removeIf(count -> count == 0);
    assertThat(closes).isEqualTo(Map.of("1000", 1.0, "1001", 1.0, "1006", 1.0));
  }

  private static double open(Map<String, Double> values) {
    return values.entrySet().stream()
        .filter(value -> value.getKey().startsWith("parley_connections"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** The document's rows for the metrics whose names begin so. */
  static List<Matcher> rows(String beginning) throws IOException {
    Pattern named = Pattern.compile(beginning);
    List<Matcher> rows = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("docs", "METRICS.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && named.matcher(row.group(1)).lookingAt()) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** {@code `outcome` = `joined`, `forbidden`} as {@code outcome=joined, outcome=forbidden}. */
  private static Set<String> tags(String cell) {
    if (cell.equals("–")) {
      return Set.of();
    }
    String[] sides = cell.replace("`", "").split(" = ", 2);
    return Set.of(sides[1].split(", ")).stream()
        .map(value -> sides[0] + "=" + value)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** At the end, by the value of the metric's only tag. */
  private static Map<String, Double> values(String name) {
    return end.entrySet().stream()
        .filter(value -> value.getKey().startsWith(name + " "))
        .collect(
            Collectors.toMap(
                value -> value.getKey().substring(name.length() + 1), Map.Entry::getValue));
  }

  /** What Prometheus would read now. */
  private static PrometheusPage metrics() {
    return new PrometheusPage(
        send(HttpRequest.newBuilder(uri("http", "/actuator/prometheus")).build()).body());
  }

  private static HttpResponse<String> publish(String body) {
    return send(
        HttpRequest.newBuilder(uri("http", "/api/v1/rooms/r/messages"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static URI uri(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + port + path);
  }
}
