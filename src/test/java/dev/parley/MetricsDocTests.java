package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
  @AutoClose private static ParleyService service;

  // As the session ended, and before its connections did.
  private static Map<String, Double> session;
  private static long bytesSaid;
  private static long heard;
  private static long bytesHeard;

  private static Map<String, Double> end;
  private static PrometheusPage page;
  private static int limited;

  @BeforeAll
  static void playASession() {
    service =
        ParleyService.start(
            "parley.lanes=1",
            "parley.websocket.heartbeat=10m",
            "parley.presence.grace=0s",
            "parley.limits.messages-per-second=1",
            "parley.limits.burst=20");
    TestClient ann = service.guest();
    TestClient ben = service.guest();
    TestClient device = service.handshake("/raw/r").connect();
    hears(say(ann, "{'type':'join','room':'r'}"), "\"user-joined\"");
    hears(say(ben, "{'type':'join','room':'r'}"), "\"user-joined\"");
    hears(say(ann, "{'type':'join','room':'@nobody'}"), "\"forbidden\"");
    hears(say(ann, "{'type':'message','room':'r','id':'1','content':'one'}"), "\"ack\"");
    hears(say(ann, "{'type':'message','room':'r','id':'1','content':'one'}"), "\"duplicate\"");
    hears(say(ann, "{'type':'message','room':'r','id':'1','content':'two'}"), "\"id_conflict\"");
    hears(say(ann, "{'type':'nonsense'}"), "\"unknown_type\"");
    byte[] binary = {1, 1, 'r', 0, 42};
    bytesSaid += binary.length;
    ben.send(binary).next(frame -> frame.opcode() == Received.BINARY);
    say(ben, "{'type':'signal','room':'r','name':'wave'}");
    hears(ann, "\"wave\"");
    hears(say(device, "22.5"), "22.5");
    assertThat(publish("{\"content\":1}")).isEqualTo(200);
    hears(ann, "\"offset\":4");
    hears(ben, "\"offset\":4");
    hears(device, "1");
    for (int i = 0; i < 30; i++) {
      limited += publish("no JSON") == 429 ? 1 : 0;
    }
    RawHttp http = service.raw();
    assertThat(http.upgrade("/ws?token=x").status()).isEqualTo(401);
    assertThat(http.upgrade("/ws", "Origin: https://evil.example").status()).isEqualTo(403);
    assertThat(http.upgrade("/raw/not%20a%20room").status()).isEqualTo(400);
    assertThat(http.get("/ws").status()).isEqualTo(426);
    List<TestClient> all = List.of(ann, ben, device);
    await()
        .until(() ->
            metrics().values().getOrDefault("parley_frames_sent_total", 0.0)
                >= received(all).count());
    session = metrics().values();
    heard = received(all).count();
    bytesHeard = received(all).mapToLong(frame -> frame.payload().length).sum();
    ann.sendClose(1001);
    ben.sendClose(4999);
    device.drop();
    await().until(() -> open(metrics().values()) == 0);
    page = metrics();
    end = page.values();
  }

  private static TestClient say(TestClient client, String text) {
    String json = text.replace('\'', '"');
    bytesSaid += json.length();
    return client.send(json);
  }

  private static void hears(TestClient client, String part) {
    client.next(frame -> frame.opcode() == Received.TEXT && frame.text().contains(part));
  }

  private static Stream<Received> received(List<TestClient> clients) {
    return clients.stream().flatMap(client -> client.received().stream());
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
        .isEqualTo(Map.of("joined", 3.0, "forbidden", 1.0, "full", 0.0, "unavailable", 0.0));
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
        .containsEntry("parley_bytes_received_total", (double) bytesSaid);
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
    return new PrometheusPage(service.metrics());
  }

  /** The status of the answer. */
  private static int publish(String body) {
    return service
        .raw()
        .send(
            "POST",
            "/api/v1/rooms/r/messages",
            List.of("Content-Type: application/json"),
            body.getBytes(StandardCharsets.UTF_8))
        .status();
  }
}
