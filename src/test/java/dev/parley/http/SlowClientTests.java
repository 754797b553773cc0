package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.TestTokens;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that take their time over HTTP, against the real web server with short deadlines. */
@Tag("service")
@Timeout(120)
class SlowClientTests {
  private static final String ATTACKER = "127.0.0.2";
  private static final String PATH = "/api/v1/rooms/r/messages";

  private static final Deque<ParleyService> RUNNING = new ArrayDeque<>();
  private static int port;

  @AfterEach
  void stop() {
    RUNNING.remove().close();
  }

  @Test
  void slowBodiesHoldUpNobodyAndEndWith408() {
    start("parley.http.patience=2s");
    try (Attacker attacker = attack(205, post(20_000, token("mallory")) + "{\"content\":\"")) {
      awaitHeld(205);
      assertPromptForOthers();
      await()
          .pollInterval(Duration.ofMillis(200))
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> {
            attacker.trickle();
            assertThat(attacker.closed()).isEqualTo(205);
          });
      assertThat(attacker.sockets())
          .allSatisfy(socket ->
              assertThat(socket.heard())
                  .startsWith("HTTP/1.1 408")
                  .contains("application/problem+json")
                  .containsIgnoringCase("connection: close"));
      assertThat(rest().held()).isZero();
      assertThat(refusals("slow")).isEqualTo(205);
    }
  }

  @Test
  void anUploadThatIsSlowButKeepsItsRateIsTaken() {
    start("parley.http.patience=1s", "parley.http.min-rate=20B");
    String body = "{\"content\":\"" + "x".repeat(200) + "\"}";
    try (Attacker client = attack(1, post(body.length(), token("ann")))) {
      int[] sent = {0};
      // 10 bytes every 100 ms: five times the rate, and three times the patience.
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(100))
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            int end = Math.min(body.length(), sent[0] + 10);
            String piece = body.substring(sent[0], end);
            client.sockets().forEach(socket -> socket.send(piece));
            sent[0] = end;
            return end == body.length();
          });
      await()
          .untilAsserted(() ->
              assertThat(client.sockets().findFirst().orElseThrow().heard())
                  .startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void bodiesOfOneAddressShareItsPartOfTheBudget() {
    start("parley.http.requests-per-address=100000", "parley.budget.rest=1");
    Budget budget = rest();
    int each = 60_000;
    int tooMany = (int) (budget.share() / each) + 20;
    String begun = "{\"content\":\"" + "x".repeat(each);
    try (Attacker attacker = attack(tooMany, post(65_000, token("mallory")) + begun)) {
      await()
          .untilAsserted(() ->
              assertThat(attacker.sockets())
                  .anySatisfy(socket ->
                      assertThat(socket.heard())
                          .startsWith("HTTP/1.1 503")
                          .containsIgnoringCase("retry-after: 1")));
      assertThat(budget.held()).isLessThanOrEqualTo(budget.share());
      assertPromptForOthers();
    }
    await().untilAsserted(() -> assertThat(budget.held()).isZero());
  }

  @Test
  void bodiesWithoutATokenOfManyAddressesKeepNobodyOut() {
    start("parley.http.requests-per-address=100000", "parley.budget.rest=1");
    fill();
    Budget budget = rest();
    int each = 60_000;
    int enough = (int) (budget.share() / each) + 20;
    String begun = "{\"content\":\"" + "x".repeat(each);
    List<Attacker> attackers = new ArrayList<>();
    try {
      for (int address = 2; address < 7; address++) {
        Attacker attacker =
            new Attacker(port, "127.0.0." + address, enough, post(65_000, "none") + begun);
        attackers.add(attacker);
        await()
            .untilAsserted(() ->
                assertThat(attacker.sockets())
                    .anySatisfy(socket -> assertThat(socket.heard()).startsWith("HTTP/1.1 503")));
      }
      assertThat(budget.held()).isLessThanOrEqualTo(budget.limit() / 2);
      assertPromptForOthers();
      assertThat(http().get(PATH + "?limit=1000", bearer("ann").strip()).status()).isEqualTo(200);
    } finally {
      attackers.forEach(Attacker::close);
    }
    await().untilAsserted(() -> assertThat(budget.held()).isZero());
  }

  @Test
  void anAddressWithTooManyRequestsInProgressIs429() {
    start("parley.http.requests-per-address=20");
    try (Attacker attacker = attack(20, post(100, token("mallory")))) {
      awaitHeld(20);
      try (Attacker more = attack(5, post(100, token("mallory")))) {
        await()
            .untilAsserted(() ->
                assertThat(more.sockets())
                    .allSatisfy(socket ->
                        assertThat(socket.heard())
                            .startsWith("HTTP/1.1 429")
                            .containsIgnoringCase("retry-after: 1")
                            .contains("\"code\":\"rate_limited\"")));
      }
      assertPromptForOthers();
      assertThat(refusals("busy")).isEqualTo(5);
      assertThat(attacker.closed()).isZero();
    }
  }

  @Test
  void anUpgradeThatIsNoHandshakeCountsAmongTheRequestsOfItsAddress() {
    start("parley.http.requests-per-address=3", "parley.http.patience=10m");
    fill();
    String get =
        "GET /v3/api-docs HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + bearer("mallory")
            + "\r\n";
    try (Attacker attacker = attack(3, get.repeat(200))) {
      await()
          .pollInterval(Duration.ofMillis(100))
          .untilAsserted(() -> {
            try (Attacker more = attack(1, get)) {
              await()
                  .untilAsserted(() ->
                      assertThat(more.sockets().findFirst().orElseThrow().heard())
                          .startsWith("HTTP/1.1 429"));
            }
          });
      // A handshake has its own limits.
      assertThat(http().upgrade("/ws", bearer("ann").strip()).status()).isEqualTo(101);
      assertThat(attacker.closed()).isZero();
    }
  }

  @Test
  void headsThatTrickleInAreClosedAndHoldUpNobody() {
    start("parley.http.patience=2s");
    String half = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nX-Long: ";
    try (Attacker attacker = attack(500, half)) {
      assertPromptForOthers();
      await()
          .pollInterval(Duration.ofMillis(200))
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> {
            attacker.trickle();
            assertThat(attacker.closed()).isEqualTo(500);
          });
    }
  }

  @Test
  void socketsThatSayNothingAreClosedAndHoldUpNobody() {
    start("parley.http.patience=2s");
    try (Attacker attacker = attack(500, "")) {
      assertPromptForOthers();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(attacker.closed()).isEqualTo(500));
    }
    await().untilAsserted(() -> assertThat(gauge("parley.http.sockets")).isZero());
  }

  @Test
  void anAddressWithTooManySocketsLosesThoseThatWaitLongest() {
    start("parley.http.patience=10m", "parley.http.connections-per-address=50");
    try (Attacker first = attack(50, "")) {
      await().pollDelay(Duration.ofMillis(2_100)).until(() -> first.closed() == 0);
      try (Attacker second = attack(30, "")) {
        await().until(() -> first.closed() == 30);
        assertThat(second.closed()).isZero();
        assertPromptForOthers();
      }
    }
  }

  @Test
  void moreSocketsThanTheInstanceTakesGiveWayToNewOnes() {
    start("parley.http.patience=10m", "parley.http.connections=100");
    try (Attacker attacker = attack(300, "")) {
      // The last of them wait in the kernel until the first are old enough to be closed.
      await().atMost(Duration.ofSeconds(20)).until(() -> attacker.closed() >= 200);
      assertPromptForOthers();
      assertThat(gauge("parley.http.sockets")).isLessThanOrEqualTo(101);
      assertThat(refusals("crowded")).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void answersThatNobodyReadsHoldNoThreadAndAreResetInTime() {
    start(
        "server.jetty.threads.max=20",
        "parley.http.patience=5s",
        "parley.http.min-rate=1GB",
        "parley.http.idle-timeout=2s",
        "parley.budget.rest=10",
        "parley.budget.user-share=100");
    fill();
    String get = "GET " + PATH + "?limit=1000 HTTP/1.1\r\nHost: x\r\n" + bearer("mallory") + "\r\n";
    try (Attacker attacker = attack(40, get.repeat(20))) {
      // More unread answers than there are threads.
      await().until(() -> rest().held() > 25 * 240_000);
      assertPromptForOthers();
      assertThat(attacker.sockets()).hasSize(40);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(gauge("parley.http.sockets")).isLessThan(5));
      await().untilAsserted(() -> assertThat(rest().held()).isZero());
      assertThat(refusals("slow")).isGreaterThan(25);
    }
  }

  @Test
  void aUserWithTooManyRequestsInProgressIs429() {
    start("parley.http.requests-per-user=3", "parley.http.patience=10m");
    fill();
    // Each is in progress until its answer has been read.
    String get = "GET " + PATH + "?limit=1000 HTTP/1.1\r\nHost: x\r\n" + bearer("mallory") + "\r\n";
    try (Attacker attacker = attack(3, get.repeat(40))) {
      await()
          .pollInterval(Duration.ofMillis(100))
          .untilAsserted(() -> {
            RawHttp.Answer answer = http().get(PATH, bearer("mallory").strip());
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.header("Retry-After")).isEqualTo("1");
          });
      assertThat(http().get(PATH, bearer("ann").strip()).status()).isEqualTo(200);
      assertThat(attacker.closed()).isZero();
    }
  }

  @Test
  void requestsInARowOnOneSocketAreAnsweredInOrder() {
    start();
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      String body = "{\"content\":" + i + "}";
      requests.append(post(body.length(), token("ann"))).append(body);
    }
    try (Attacker client = attack(1, requests.toString())) {
      Attacker.Victim socket = client.sockets().findFirst().orElseThrow();
      await().until(() -> socket.heard().split("HTTP/1.1 200", -1).length == 21);
      int at = 0;
      for (int offset = 1; offset <= 20; offset++) {
        int next = socket.heard().indexOf("\"offset\":" + offset + ",");
        assertThat(next).isGreaterThan(at);
        at = next;
      }
    }
  }

  private static void start(String... settings) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "parley.limits.messages-per-second=100000",
                "parley.limits.burst=100000",
                "parley.access.default-policy=authenticated"));
    all.addAll(List.of(settings));
    ParleyService service = ParleyService.secured(all.toArray(String[]::new));
    RUNNING.add(service);
    port = service.port();
  }

  private static Attacker attack(int count, String text) {
    return new Attacker(port, ATTACKER, count, text);
  }

  private static RawHttp http() {
    return new RawHttp(port);
  }

  /** Handshakes and requests of somebody else, whatever the others do. */
  private static void assertPromptForOthers() {
    for (int i = 0; i < 5; i++) {
      long begun = System.nanoTime();
      assertThat(http().upgrade("/ws", bearer("ann").strip()).status()).isEqualTo(101);
      assertThat(http().get("/api/v1/rooms/other/messages", bearer("ann").strip()).status())
          .isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }
  }

  /** Some 250 KiB of history. */
  private static void fill() {
    String body = "{\"content\":\"" + "x".repeat(60_000) + "\"}";
    for (int i = 0; i < 5; i++) {
      assertThat(
              http()
                  .send(
                      "POST",
                      PATH,
                      List.of("Content-Type: application/json"),
                      bearer("ann").strip(),
                      "Content-Length: " + body.length() + "\r\n\r\n" + body)
                  .status())
          .isEqualTo(200);
    }
  }

  private static void awaitHeld(int requests) {
    await().until(() -> gauge("parley.http.sockets") >= requests);
  }

  private static Budget rest() {
    return RUNNING.element().bean(Budgets.class).of(BudgetKind.REST);
  }

  private static double gauge(String name) {
    return RUNNING.element().bean(MeterRegistry.class).get(name).gauge().value();
  }

  private static double refusals(String reason) {
    return RUNNING
        .element()
        .bean(MeterRegistry.class)
        .get("parley.http.refusals")
        .tag("reason", reason)
        .counter()
        .count();
  }

  private static String token(String user) {
    return TestTokens.with(user, claims -> claims.claim("rooms", Map.of("*", List.of("publish"))));
  }

  private static String bearer(String user) {
    return "Authorization: Bearer " + token(user) + "\r\n";
  }

  private static String post(int length, String token) {
    return "POST "
        + PATH
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
        + token
        + "\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }
}
