package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.TestTokens;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The REST endpoints of the whole service, on its embedded broker. */
@Tag("service")
@Timeout(60)
class RoomMessagesTests {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Map<String, List<String>> ALL =
      Map.of("*", List.of("join", "publish", "presence", "history"));
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @AutoClose private static ParleyService service;
  private String room = "";

  @BeforeAll
  static void start() {
    service =
        ParleyService.secured(
            "parley.limits.messages-per-second=100000",
            "parley.limits.burst=100000",
            "parley.access.policies[0].rooms=short-*",
            "parley.access.policies[0].max-message-bytes=10B",
            "parley.access.policies[1].rooms=none-*",
            "parley.access.policies[1].history.size=0");
  }

  @AfterAll
  static void stop() {
    CLIENT.close();
  }

  @BeforeEach
  void anotherRoom() {
    room = "r-" + UUID.randomUUID();
  }

  @Test
  void whatIsPublishedCanBeRead() throws Exception {
    HttpResponse<String> first =
        post("ann", "{\"content\": {\"a\" : [1, 1.0, \"ü\"]}, \"name\": \"n\", \"key\": \"k\"}");
    assertThat(first.statusCode()).isEqualTo(200);
    JsonNode ack = JSON.readTree(first.body());
    assertThat(ack.propertyNames()).containsExactly("room", "offset", "epoch", "timestamp");
    assertThat(ack.get("room").asString()).isEqualTo(room);
    assertThat(ack.get("offset").asLong()).isEqualTo(1);
    assertThat(post("ann", "{\"content\":null}").statusCode()).isEqualTo(200);

    HttpResponse<String> read = get("ann", "");
    assertThat(read.statusCode()).isEqualTo(200);
    assertThat(read.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode page = JSON.readTree(read.body());
    assertThat(page.propertyNames()).containsExactly("room", "epoch", "messages", "more");
    assertThat(page.get("epoch")).isEqualTo(ack.get("epoch"));
    assertThat(page.get("more").asBoolean()).isFalse();
    JsonNode message = page.get("messages").get(0);
    assertThat(message.get("user").asString()).isEqualTo("ann");
    assertThat(message.get("name").asString()).isEqualTo("n");
    assertThat(message.get("key").asString()).isEqualTo("k");
    assertThat(read.body()).contains("\"content\":{\"a\":[1,1.0,\"ü\"]}");
    assertThat(page.get("messages").get(1).get("content").isNull()).isTrue();
  }

  @Test
  void theIdempotencyKeyIsTheMessagesId() throws Exception {
    JsonNode first = JSON.readTree(post("ann", "{\"content\":1}", "Idempotency-Key", "k1").body());
    JsonNode again = JSON.readTree(post("ann", "{\"content\":1}", "Idempotency-Key", "k1").body());
    assertThat(again.get("offset")).isEqualTo(first.get("offset"));
    assertThat(again.get("timestamp")).isEqualTo(first.get("timestamp"));
    assertThat(again.get("duplicate").asBoolean()).isTrue();
    assertProblem(
        post("ann", "{\"content\":2}", "Idempotency-Key", "k1"), 409, "\"code\":\"id_conflict\"");
    assertProblem(
        post("ann", "{\"content\":1}", "Idempotency-Key", "x".repeat(65)), 400, "Idempotency-Key");
  }

  @Test
  void pagesFollowOneAnother() throws Exception {
    for (int i = 1; i <= 5; i++) {
      post("ann", "{\"content\":" + i + "}");
    }
    assertThat(offsets("")).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(offsets("?limit=2")).containsExactly(4L, 5L);
    assertThat(offsets("?before=4&limit=2")).containsExactly(2L, 3L);
    assertThat(offsets("?after=3")).containsExactly(4L, 5L);
    assertThat(offsets("?after=0&limit=1")).containsExactly(1L);
    assertThat(offsets("?before=0")).isEmpty();
    assertThat(JSON.readTree(get("ann", "?limit=2").body()).get("more").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | invalid_json",
        "x | invalid_json",
        "[] | invalid_json",
        "{\"content\":1} x | invalid_json",
        "{} | invalid_message",
        "{\"content\":1,\"name\":7} | \"path\":\"/name\"",
        "{\"content\":1,\"key\":\"\"} | \"path\":\"/key\"",
        "{\"content\":1,\"content\":2} | \"path\":\"/content\""
      })
  void aBodyThatBreaksTheRulesIs400(String body, String expected) throws Exception {
    assertProblem(post("ann", body), 400, expected);
  }

  @Test
  void aBodyCannotSpeakForAnotherRoomOrId() throws Exception {
    String body = "{\"room\":\"other\",\"id\":\"x\",\"type\":\"join\",\"content\":1}";
    assertThat(JSON.readTree(post("ann", body).body()).get("room").asString()).isEqualTo(room);
    assertThat(get("ann", "").body()).doesNotContain("\"id\"");
  }

  @Test
  void aBodyAboveTheLimitIs413() throws Exception {
    String most = "{\"content\":\"" + "x".repeat(64 * 1024 - 14) + "\"}";
    assertThat(post("ann", most).statusCode()).isEqualTo(200);
    assertProblem(post("ann", most + " "), 413, "\"code\":\"too_large\"");
    HttpRequest chunked =
        request("ann", "")
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.ofByteArrays(
                    List.of(most.getBytes(StandardCharsets.UTF_8), new byte[] {' '})))
            .build();
    assertProblem(CLIENT.send(chunked, BodyHandlers.ofString()), 413, "\"code\":\"too_large\"");
  }

  @Test
  void aRoomThatKeepsNoHistoryIs404() throws Exception {
    room = "none-" + room;
    assertThat(post("ann", "{\"content\":1}").statusCode()).isEqualTo(200);
    assertProblem(get("ann", ""), 404, "\"code\":\"history_unavailable\"");
    assertProblem(
        send(withToken(TestTokens.of("eve"), room, "").GET()), 403, "\"code\":\"forbidden\"");
  }

  @Test
  void contentAboveTheLimitOfTheRoomIs413() throws Exception {
    room = "short-" + room;
    assertThat(post("ann", "{\"content\" : \"12345678\"}").statusCode()).isEqualTo(200);
    assertProblem(post("ann", "{\"content\":\"123456789\"}"), 413, "\"code\":\"too_large\"");
    assertThat(offsets("")).containsExactly(1L);
    HttpRequest.Builder many =
        HttpRequest.newBuilder(service.http("/api/v1/messages"))
            .header(
                "Authorization",
                "Bearer " + TestTokens.with("ann", claims -> claims.claim("rooms", ALL)));
    JsonNode results =
        JSON.readTree(
                send(json(
                        many,
                        "{\"rooms\":[\"%s\",\"other\"],\"content\":\"123456789\"}".formatted(room)))
                    .body())
            .get("results");
    assertThat(results.get(0).get("code").asString()).isEqualTo("too_large");
    assertThat(results.get(1).get("offset").asLong()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "?limit=0, limit",
    "?limit=1001, limit",
    "?limit=x, limit",
    "?limit=, limit",
    "?limit=1&limit=2, limit",
    "?before=-1, before",
    "?after=9007199254740992, after",
    "?after=1.5, after",
    "?before=1&after=1, before",
    "?lmit=3, lmit"
  })
  void aBadParameterIs400AndNamed(String query, String name) throws Exception {
    assertProblem(get("ann", query), 400, "\"detail\":\"" + name + " ");
  }

  @Test
  void roomsRefuseWhomTheyRefuseOnAConnection() throws Exception {
    String stranger = TestTokens.of("eve");
    assertProblem(send(withToken(stranger, room, "").GET()), 403, "\"code\":\"forbidden\"");
    assertProblem(
        send(json(withToken(stranger, room, ""), "{\"content\":1}")),
        403,
        "\"code\":\"forbidden\"");
    assertProblem(send(request("", "").GET()), 401, "A token is required");
    assertProblem(
        send(withToken(TestTokens.with("ann", c -> c.claim("rooms", ALL)), "@bob", "").GET()),
        403,
        "\"code\":\"forbidden\"");
  }

  @Test
  void scopesPublishAndReadEverywhereAndNothingElse() throws Exception {
    String publisher = scoped("parley.publish");
    String reader = scoped("parley.read parley.moderate");
    assertThat(send(json(withToken(publisher, "@ann", ""), "{\"content\":1}")).statusCode())
        .isEqualTo(200);
    assertThat(send(withToken(reader, "@ann", "").GET()).statusCode()).isEqualTo(200);
    assertProblem(
        send(json(withToken(reader, "@ann", ""), "{\"content\":1}")),
        403,
        "\"code\":\"forbidden\"");
    assertProblem(send(withToken(publisher, "@ann", "").GET()), 403, "\"code\":\"forbidden\"");
  }

  private static String scoped(String scopes) {
    return TestTokens.with("ops", claims -> claims.claim("scope", scopes));
  }

  @Test
  void anAdminPublishesAndReadsEverywhereAsItself() throws Exception {
    String admin = TestTokens.with("ops", claims -> claims.claim("scope", "parley.admin"));
    assertThat(send(json(withToken(admin, "@ann", ""), "{\"content\":\"hi\"}")).statusCode())
        .isEqualTo(200);
    assertThat(send(withToken(admin, "@ann", "").GET()).body()).contains("\"user\":\"ops\"");
    assertThat(send(withToken(TestTokens.of("ann"), "@ann", "").GET()).body()).contains("\"hi\"");
  }

  @Test
  void everyRefusalIsAProblem() throws Exception {
    assertProblem(
        send(withToken(TestTokens.of("ann"), "a%20b", "").GET()), 400, "\"code\":\"invalid_room\"");
    assertProblem(
        send(request("ann", "").header("Content-Type", "text/plain").POST(text("x"))), 415, "");
    assertProblem(send(request("ann", "").POST(text("{\"content\":1}"))), 415, "");
    assertProblem(send(request("ann", "").header("Accept", "text/html").GET()), 406, "");
    HttpResponse<String> deleted = send(request("ann", "").DELETE());
    assertProblem(deleted, 405, "");
    assertThat(deleted.headers().firstValue("Allow").orElse("")).contains("GET", "POST");
    String admin = TestTokens.with("ops", claims -> claims.claim("scope", "parley.admin"));
    HttpRequest.Builder none = HttpRequest.newBuilder(service.http("/api/v1/none"));
    assertProblem(send(none.setHeader("Authorization", "Bearer " + admin).GET()), 404, "");
    assertProblem(
        send(none.setHeader("Authorization", "Bearer " + TestTokens.of("ann")).GET()),
        404,
        "Nothing is at this path");
  }

  @Test
  void aUserWhoAsksTooOftenIs429() throws Exception {
    try (ParleyService limited =
        ParleyService.secured("parley.limits.messages-per-second=1", "parley.limits.burst=2")) {
      URI uri = limited.http("/api/v1/rooms/@ann/messages");
      HttpRequest.Builder ann =
          HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + TestTokens.of("ann"));
      assertThat(send(ann.GET()).statusCode()).isEqualTo(200);
      assertThat(send(ann.GET()).statusCode()).isEqualTo(200);
      HttpResponse<String> refused = send(ann.GET());
      assertProblem(refused, 429, "\"code\":\"rate_limited\"");
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(
              send(HttpRequest.newBuilder(uri)
                      .header("Authorization", "Bearer " + TestTokens.of("bob"))
                      .GET())
                  .statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void aHistoryCountsByItsSize() throws Exception {
    try (ParleyService limited =
        ParleyService.secured("parley.limits.messages-per-second=1", "parley.limits.burst=20")) {
      URI uri = limited.http("/api/v1/rooms/@ann/messages");
      String own = TestTokens.with("ann", claims -> claims.claim("scope", "parley.publish"));
      HttpRequest.Builder server =
          HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + own);
      for (int i = 0; i < 8; i++) {
        String body = "{\"content\":\"" + "x".repeat(60_000) + "\"}";
        assertThat(send(json(server.copy(), body)).statusCode()).isEqualTo(200);
      }
      HttpRequest.Builder ann =
          HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + TestTokens.of("ann"));
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> read = send(ann.GET());
        assertThat(read.statusCode()).isEqualTo(200);
        assertThat(read.body()).hasSizeGreaterThan(230_000);
      }
      HttpResponse<String> refused = send(ann.GET());
      assertProblem(refused, 429, "\"code\":\"rate_limited\"");
    }
  }

  @Test
  void theWebSocketOfTheServiceItselfIsBehindTheDoor() {
    RawHttp http = service.raw();
    String token = "Authorization: Bearer " + TestTokens.of("ann");
    assertThat(http.upgrade("/ws").status()).isEqualTo(401);
    assertThat(http.upgrade("/ws", token).status()).isEqualTo(101);
    assertThat(http.get("/ws", token).status()).isEqualTo(426);
    Awaitility.await().until(() -> service.count("parley.handshakes", "outcome", "accepted") == 1);
  }

  private List<Long> offsets(String query) throws Exception {
    List<Long> offsets = new ArrayList<>();
    JSON.readTree(get("ann", query).body())
        .get("messages")
        .forEach(message -> offsets.add(message.get("offset").asLong()));
    return offsets;
  }

  private HttpResponse<String> post(String user, String body, String... headers) throws Exception {
    HttpRequest.Builder request = request(user, "");
    return send(json(headers.length == 0 ? request : request.headers(headers), body));
  }

  private HttpResponse<String> get(String user, String query) throws Exception {
    return send(request(user, query).GET());
  }

  private HttpRequest.Builder request(String user, String query) {
    return withToken(
        user.isEmpty() ? "" : TestTokens.with(user, claims -> claims.claim("rooms", ALL)),
        room,
        query);
  }

  private static HttpRequest.Builder withToken(String token, String room, String query) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.http("/api/v1/rooms/" + room + "/messages" + query));
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private static HttpRequest.Builder json(HttpRequest.Builder request, String body) {
    return request.header("Content-Type", "application/json").POST(text(body));
  }

  private static HttpRequest.BodyPublisher text(String body) {
    return BodyPublishers.ofString(body);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static void assertProblem(HttpResponse<String> response, int status, String part) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
    assertThat(response.body()).contains("\"title\":\"", "\"status\":" + status, part);
  }
}
