package dev.parley.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.access.AdmissionGate;
import dev.parley.support.Handshake;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.TestClient;
import dev.parley.support.TestTokens;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

/** The door with a shared secret and no guests, on a real port. */
@Tag("service")
@Timeout(60)
class HandshakeTests {
  private static ConfigurableApplicationContext context;
  private static RawHttp http;

  @BeforeAll
  static void start() {
    context =
        SecurityApplication.start(
            "parley.access.jwt-secret=" + SecurityApplication.SECRET,
            "parley.access.audience=chat",
            "parley.access.allowed-origins=https://app.example.org",
            "parley.limits.handshake-burst=100000");
    http = new RawHttp(SecurityApplication.port(context));
  }

  @AfterAll
  static void stop() {
    context.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ws Authorization: Bearer %s",
        "/ws authorization: bearer %s",
        "/ws Sec-WebSocket-Protocol: parley.v1, bearer.%s",
        "/ws?access_token=%s X-A: b",
        "/ws?token=%s X-A: b",
        "/ws?room=a&token=%s X-A: b",
        "/raw/lobby?token=%s X-A: b",
        "/?token=%s X-A: b"
      })
  void aTokenCountsInEveryPlace(String request) {
    String[] parts = request.formatted(good()).split(" ", 2);
    assertThat(http.upgrade(parts[0], parts[1]).status()).isEqualTo(101);
  }

  @Test
  void theHeaderIsPreferredThenTheSubprotocolThenTheQuery() {
    String bad = "x.y.z";
    assertThat(
            http.upgrade(
                    "/ws?token=" + bad,
                    "Authorization: Bearer " + good(),
                    "Sec-WebSocket-Protocol: bearer." + bad)
                .status())
        .isEqualTo(101);
    assertThat(
            http.upgrade("/ws?token=" + bad, "Sec-WebSocket-Protocol: p, bearer." + good())
                .status())
        .isEqualTo(101);
    assertThat(http.upgrade("/ws?token=" + bad + "&access_token=" + good()).status())
        .isEqualTo(101);
    assertThat(http.upgrade("/ws?token=" + good(), "Authorization: Bearer " + bad).status())
        .isEqualTo(401);
  }

  @Test
  void theTokenIsNeverEchoedAsSubprotocol() {
    Answer answer = http.upgrade("/ws", "Sec-WebSocket-Protocol: parley.v1, bearer." + good());
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.header("Sec-WebSocket-Protocol")).isEqualTo("parley.v1");
    assertThat(answer.head()).doesNotContain("bearer");
  }

  @Test
  void theIdentityReachesTheConnection() {
    try (TestClient client =
        new Handshake(SecurityApplication.port(context), "/ws").token(good()).connect()) {
      assertThat(client.next().text()).isEqualTo("ann");
    }
  }

  @Test
  void withoutATokenItIs401() {
    Answer answer = http.upgrade("/ws");
    assertProblem(answer, 401, "A token is required");
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
  }

  @Test
  void badTokensAre401WithTheReason() {
    assertInvalid(TestTokens.unsigned("ann"), "The token is invalid");
    assertInvalid("", "The token is invalid");
    assertInvalid("x", "The token is invalid");
    assertInvalid("x.y.z", "The token is invalid");
    assertInvalid(
        TestTokens.signed(
            TestTokens.claims("ann", c -> c.audience("chat")),
            "another secret of more than thirty-two bytes"),
        "The token is invalid");
    assertInvalid(TestTokens.of("ann"), "The token is not meant for this service");
    assertInvalid(
        TestTokens.with("ann", c -> c.audience("mail")), "The token is not meant for this service");
    assertInvalid(
        TestTokens.with("a b", c -> c.audience("chat")), "The token has an unusable subject");
    assertInvalid(
        TestTokens.with("ann", c -> c.audience("chat").claim("rooms", "*")),
        "The token has a malformed claim rooms: it is not an object of room patterns");
  }

  @Test
  void expiryAndStartAllowForTheClockSkew() {
    assertThat(verdict(TestTokens.with("ann", c -> c.audience("chat").expirationTime(in(-30)))))
        .isEqualTo(426);
    assertInvalid(
        TestTokens.with("ann", c -> c.audience("chat").expirationTime(in(-90))),
        "The token has expired");
    assertThat(verdict(TestTokens.with("ann", c -> c.audience("chat").notBeforeTime(in(30)))))
        .isEqualTo(426);
    assertInvalid(
        TestTokens.with("ann", c -> c.audience("chat").notBeforeTime(in(90))),
        "The token is not valid yet");
  }

  @Test
  void foreignOriginsAre403BeforeTheTokenIsLookedAt() {
    Answer answer = http.upgrade("/ws", "Origin: https://evil.example.org");
    assertProblem(answer, 403, "This origin may not connect");
    assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
    assertThat(
            http.upgrade(
                    "/ws", "Origin: https://app.example.org", "Authorization: Bearer " + good())
                .status())
        .isEqualTo(101);
    assertThat(
            http.upgrade(
                    "/ws",
                    "Origin: http://127.0.0.1:" + SecurityApplication.port(context),
                    "Authorization: Bearer " + good())
                .status())
        .isEqualTo(101);
  }

  @Test
  void theVerdictIs426WhereTheHandshakeWouldSucceed() {
    Answer answer =
        http.get("/ws", "Authorization: Bearer " + good(), "Origin: https://app.example.org");
    assertProblem(answer, 426, "The handshake would succeed: open a WebSocket here");
    assertThat(answer.header("Upgrade")).isEqualTo("websocket");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.org");
  }

  @Test
  void theVerdictSaysWhyTheHandshakeFailsAndAnAllowedPageCanReadIt() {
    Answer answer = http.get("/ws?token=x", "Origin: https://app.example.org");
    assertProblem(answer, 401, "The token is invalid");
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.org");
    assertProblem(http.get("/ws", "Origin: null"), 403, "This origin may not connect");
  }

  @Test
  void preflightsOfAllowedOriginsAreAnswered() {
    Answer allowed =
        http.send(
            "OPTIONS",
            "/api/me",
            List.of("Access-Control-Request-Method: POST"),
            "Origin: https://app.example.org");
    assertThat(allowed.status()).isEqualTo(204);
    assertThat(allowed.header("Access-Control-Allow-Headers")).contains("Idempotency-Key");
    Answer refused =
        http.send(
            "OPTIONS",
            "/api/me",
            List.of("Access-Control-Request-Method: POST"),
            "Origin: https://evil.example.org");
    assertProblem(refused, 403, "This origin may not connect");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Sec-WebSocket-Version: 13 | Sec-WebSocket-Version: 8 | Sec-WebSocket-Version must be 13",
        "Sec-WebSocket-Version: 13 | X-A: b | Sec-WebSocket-Version must be 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | X-A: b | must be 16 bytes in base64",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | Sec-WebSocket-Key: AAAA | must be 16 bytes"
      })
  void aMalformedUpgradeIs400(String without, String with, String detail) {
    List<String> headers = RawHttp.UPGRADE.stream().filter(h -> !h.equals(without)).toList();
    Answer answer = http.send("GET", "/ws", headers, with, "Authorization: Bearer " + good());
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertThat(answer.header("Sec-WebSocket-Version")).isEqualTo("13");
    assertThat(answer.body()).contains(detail);
  }

  @Test
  void whatJettyItselfRefusesShowsNoTokenEither() {
    for (Answer answer :
        List.of(
            http.send("GET", "/ws/%2e%2e/x?token=" + good(), List.of()),
            http.send("GET", "/ws?token=" + good(), List.of("Content-Length: x")))) {
      assertProblem(answer, 400, "Bad Request");
      assertThat(answer.head() + answer.body()).doesNotContain(good().substring(0, 20));
    }
  }

  @Test
  void anUpgradeThatConnectionDoesNotNameSaysSoAndShowsNoToken() {
    Answer answer = http.send("GET", "/ws?token=" + good(), List.of("Upgrade: websocket"));
    assertProblem(answer, 400, "The header Upgrade is there, but Connection does not name it");
    assertThat(answer.head() + answer.body()).doesNotContain(good().substring(0, 20));
  }

  @Test
  void otherMethodsAre405() {
    Answer answer =
        http.send("POST", "/ws", List.of("Content-Length: 0"), "Authorization: Bearer " + good());
    assertProblem(answer, 405, "A WebSocket handshake must be a GET");
    assertThat(answer.header("Allow")).isEqualTo("GET");
  }

  @Test
  void aGateThatRefusesIs503() {
    @SuppressWarnings("unchecked")
    AtomicReference<AdmissionGate.Refusal> refusal = context.getBean(AtomicReference.class);
    refusal.set(new AdmissionGate.Refusal("The server is draining", 7));
    try {
      for (Answer answer :
          List.of(
              http.upgrade("/ws", "Authorization: Bearer " + good()),
              http.get("/ws", "Authorization: Bearer " + good()))) {
        assertProblem(answer, 503, "The server is draining");
        assertThat(answer.header("Retry-After")).isEqualTo("7");
      }
    } finally {
      refusal.set(null);
    }
  }

  @Test
  void handshakesAreCountedByOutcome() {
    // A request is counted behind its answer, so the other tests' may still be counted here.
    try (ConfigurableApplicationContext own =
        SecurityApplication.start("parley.access.jwt-secret=" + SecurityApplication.SECRET)) {
      RawHttp door = new RawHttp(SecurityApplication.port(own));
      door.upgrade("/ws", "Authorization: Bearer " + good());
      door.upgrade("/ws");
      door.get("/ws");
      door.upgrade("/ws", "Origin: null");
      door.send(
          "GET",
          "/ws",
          List.of("Upgrade: websocket", "Connection: Upgrade"),
          "Authorization: Bearer " + good());
      MeterRegistry registry = own.getBean(MeterRegistry.class);
      Awaitility.await()
          .untilAsserted(() -> {
            assertThat(count(registry, "accepted")).isEqualTo(1);
            assertThat(count(registry, "unauthorized")).isEqualTo(1);
            assertThat(count(registry, "forbidden")).isEqualTo(1);
            assertThat(count(registry, "bad_request")).isEqualTo(1);
          });
    }
  }

  @Test
  void whatNothingAllowsIsNotThere() {
    assertProblem(http.get("/elsewhere"), 404, "Nothing is at this path");
    assertThat(http.get("/elsewhere", "Authorization: Bearer " + good()).status()).isEqualTo(404);
    assertThat(http.get("/nowhere/at/all").status()).isEqualTo(404);
    assertThat(http.get("/actuator/health").status()).isEqualTo(404);
    assertThat(http.get("/dev/token?user=ann").status()).isEqualTo(404);
    assertProblem(http.get("/api/me"), 401, "A token is required");
  }

  @Test
  void theOperatorsPortShowsWhatItIsAskedForAndNoMore() {
    RawHttp management = new RawHttp(SecurityApplication.port(context, "local.management.port"));
    assertThat(management.get("/actuator/health").status()).isEqualTo(200);
    assertThat(management.get("/actuator/health/liveness").status()).isEqualTo(200);
    assertThat(management.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(management.get("/actuator/prometheus").status()).isEqualTo(200);
    assertThat(management.get("/actuator/env").status()).isEqualTo(404);
    assertThat(management.get("/ws").status()).isNotEqualTo(426);
  }

  private static Date in(int seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  private static double count(MeterRegistry registry, String outcome) {
    return registry.get("parley.handshakes").tag("outcome", outcome).counter().count();
  }

  private static String good() {
    return TestTokens.with("ann", claims -> claims.audience("chat"));
  }

  private static int verdict(String token) {
    return http.get("/ws", "Authorization: Bearer " + token).status();
  }

  private static void assertInvalid(String token, String detail) {
    Answer answer = http.upgrade("/ws", "Authorization: Bearer " + token);
    assertProblem(answer, 401, detail);
    assertThat(answer.body()).contains("\"code\":\"token_invalid\"");
    assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer error=\"invalid_token\"");
  }

  private static void assertProblem(Answer answer, int status, String detail) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertThat(answer.body())
        .contains("\"type\":\"about:blank\"", "\"title\":\"", "\"status\":" + status)
        .contains("\"detail\":\"" + detail + "\"");
  }
}
