package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.admin.Service.Answer;
import dev.parley.support.TestTokens;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How often users and servers may ask: two requests at once, or five, and one more in a minute. */
@Tag("service")
@Timeout(60)
class RequestRateTests {
  private static final int USERS_BURST = 2;
  private static final int SERVERS_BURST = 5;

  @AutoClose private static Service service;
  @AutoClose private static Service standard;

  @BeforeAll
  static void start() {
    standard = new Service();
    service =
        new Service(
            "parley.limits.messages-per-second=1",
            "parley.limits.burst=" + USERS_BURST,
            "parley.limits.server-requests-per-second=1",
            "parley.limits.server-request-burst=" + SERVERS_BURST);
  }

  static Stream<String> paths() {
    return Stream.of(
        "POST /api/v1/rooms/a/messages",
        "GET /api/v1/rooms/a/messages",
        "POST /api/v1/messages",
        "POST /api/v1/users/ann/messages",
        "GET /api/v1/users/ann",
        "GET /api/v1/rooms",
        "GET /api/v1/rooms/a/members",
        "PUT /api/v1/rooms/a/members/ann",
        "DELETE /api/v1/rooms/a/messages/1",
        "GET /api/v1/connections",
        "GET /api/v1/instances",
        "GET /api/v1/statistics",
        "GET /api/v1/nowhere",
        "GET /api/elsewhere");
  }

  @ParameterizedTest
  @MethodSource("paths")
  void usersHaveTheirLimitOnEveryPath(String request) throws Exception {
    expectLimit(request, Service.userToken(somebody()), USERS_BURST);
  }

  @ParameterizedTest
  @MethodSource("paths")
  void serversHaveALimitOfTheirOwnOnEveryPath(String request) throws Exception {
    expectLimit(request, scoped(somebody(), "parley.admin"), SERVERS_BURST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"publish", "read", "moderate", "admin"})
  void everyScopeMakesAServer(String scope) throws Exception {
    expectLimit("GET /api/v1/rooms", scoped(somebody(), "parley." + scope), SERVERS_BURST);
  }

  /** With the settings that nobody changed. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /api/v1/rooms/a/messages",
        "POST /api/v1/users/ann/messages",
        "POST /api/v1/messages"
      })
  void threeHundredPostsOfAServerPass(String request) throws Exception {
    String token = scoped(somebody(), "parley.publish");
    for (int i = 0; i < 300; i++) {
      assertThat(call(standard, request, token).status()).isEqualTo(200);
    }
  }

  @Test
  void anotherScopeMakesNoServer() throws Exception {
    expectLimit("GET /api/v1/rooms", scoped(somebody(), "openid email"), USERS_BURST);
  }

  @Test
  void allPathsTogetherAreWhatIsLimited() throws Exception {
    String token = scoped(somebody(), "parley.publish");
    List<String> all = paths().toList();
    for (int i = 0; i < SERVERS_BURST; i++) {
      assertThat(call(all.get(i), token).status()).isNotEqualTo(429);
    }
    assertThat(call(all.get(SERVERS_BURST), token).status()).isEqualTo(429);
  }

  @Test
  void messagesOfABatchCountOneByOneAndTheLastOnesAreRefused() throws Exception {
    String messages =
        String.join(
            ",",
            IntStream.range(0, 7).mapToObj("{\"room\":\"b\",\"content\":%d}"::formatted).toList());
    Answer answer =
        service.call(
            "POST",
            "/api/v1/messages",
            scoped(somebody(), "parley.publish"),
            "{\"messages\":[" + messages + "]}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().path("results").findValuesAsString("offset")).hasSize(SERVERS_BURST);
    for (int i = SERVERS_BURST; i < 7; i++) {
      var result = answer.body().path("results").get(i);
      assertThat(result.path("code").asString()).isEqualTo("rate_limited");
      assertThat(result.path("path").asString()).isEqualTo("/messages/" + i);
      assertThat(result.path("retryAfterMs").asLong()).isEqualTo(1_000);
    }
  }

  private static void expectLimit(String request, String token, int burst) throws Exception {
    for (int i = 0; i < burst; i++) {
      assertThat(call(request, token).status()).isNotEqualTo(429);
    }
    Answer refused = call(request, token);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.type()).startsWith("application/problem+json");
    assertThat(refused.body().path("code").asString()).isEqualTo("rate_limited");
    assertThat(refused.body().path("retryAfterMs").asLong()).isEqualTo(1_000);
  }

  private static Answer call(String request, String token) throws Exception {
    return call(service, request, token);
  }

  private static Answer call(Service service, String request, String token) throws Exception {
    String[] words = request.split(" ", -1);
    boolean post = words[0].equals("POST");
    return service.call(words[0], words[1], token, post ? "{\"rooms\":[\"a\"],\"content\":1}" : "");
  }

  private static String somebody() {
    return "somebody-" + UUID.randomUUID();
  }

  private static String scoped(String subject, String scopes) {
    return TestTokens.with(subject, claims -> claims.claim("scope", scopes));
  }
}
