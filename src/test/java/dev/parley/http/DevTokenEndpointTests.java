package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Profile dev of the whole service. */
@Tag("service")
@Timeout(60)
class DevTokenEndpointTests {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static RawHttp http;

  @BeforeAll
  static void start() {
    http = ParleyService.shared().raw();
  }

  @Test
  void aTokenOpensAConnectionAndEveryRoom() {
    JsonNode issued = JSON.readTree(http.get("/dev/token?user=ann&name=Ann").body());
    String token = issued.get("token").asString();
    assertThat(Instant.ofEpochMilli(issued.get("expiresAt").asLong()))
        .isBetween(
            Instant.now().plus(Duration.ofMinutes(59)), Instant.now().plus(Duration.ofMinutes(61)));
    assertThat(http.upgrade("/ws?token=" + token).status()).isEqualTo(101);
    assertThat(http.get("/api/v1/rooms/any/messages?token=" + token).status()).isEqualTo(200);
  }

  @Test
  void theTokenLivesAsLongAsItIsAskedTo() {
    JsonNode issued = JSON.readTree(http.get("/dev/token?user=ann&ttl=4s").body());
    assertThat(Instant.ofEpochMilli(issued.get("expiresAt").asLong()))
        .isBetween(Instant.now().plusSeconds(3), Instant.now().plusSeconds(6));
  }

  @Test
  void theScopeIsInTheToken() {
    JsonNode issued = JSON.readTree(http.get("/dev/token?user=ops&scope=parley.admin").body());
    String token = issued.get("token").asString();
    assertThat(http.get("/api/v1/rooms/@ann/messages?token=" + token).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/dev/token, user",
    "/dev/token?user=, user",
    "/dev/token?user=a%20b, user",
    "/dev/token?user=ann&name=%20, name",
    "/dev/token?user=ann&name=a%0Ab, name",
    "/dev/token?user=ann&scope=%22, scope",
    "/dev/token?user=ann&ttl=soon, ttl",
    "/dev/token?user=ann&ttl=0s, ttl",
    "/dev/token?user=ann&ttl=-4s, ttl",
    "/dev/token?user=ann&ttl=999999999999d, ttl"
  })
  void badInputIs400AndNamesTheParameter(String target, String parameter) {
    Answer answer = http.get(target);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    assertThat(answer.body()).contains("\"detail\":\"" + parameter + ": ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:5173",
        "https://localhost:8443",
        "http://127.0.0.1:1",
        "https://127.0.0.1:3000",
        "http://[::1]:5173",
        "https://[::1]",
      })
  void aPageOfAnotherLocalPortGetsTokensAndUsesThem(String origin) {
    Answer issued = http.get("/dev/token?user=ann", "Origin: " + origin);
    assertThat(issued.status()).isEqualTo(200);
    assertThat(issued.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    assertThat(issued.header("Vary")).contains("Origin");
    String token = JSON.readTree(issued.body()).get("token").asString();
    for (String path : List.of("/api/v1/rooms/any/messages", "/api/v1/nowhere", "/api/v1/rooms")) {
      Answer answer = http.get(path + "?token=" + token, "Origin: " + origin);
      assertThat(answer.status()).isNotEqualTo(401);
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    }
    assertThat(http.upgrade("/ws?token=" + token, "Origin: " + origin).status()).isEqualTo(101);
    Answer bad = http.get("/dev/token", "Origin: " + origin);
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.header("Access-Control-Allow-Origin")).isEqualTo(origin);
    Answer preflight =
        http.send(
            "OPTIONS",
            "/dev/token?user=ann",
            List.of(),
            "Origin: " + origin,
            "Access-Control-Request-Method: GET",
            "Access-Control-Request-Headers: authorization");
    assertThat(preflight.status()).isEqualTo(204);
    assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "https://evil.example",
        "http://localhost.evil.example:5173",
        "http://evil.example:5173",
        "http://10.0.0.1:5173"
      })
  void aPageFromElsewhereGetsNone(String origin) {
    Answer answer = http.get("/dev/token?user=ann", "Origin: " + origin);
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).doesNotContain("token\":");
    assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
  }

  @Test
  void guestsConnectAtTheRootAsWell() {
    assertThat(http.upgrade("/", "Origin: null").status()).isEqualTo(101);
    assertThat(http.get("/").status()).isEqualTo(200);
    assertThat(http.get("/nowhere.html").status()).isEqualTo(404);
    assertThat(http.get("/nowhere.html").header("Content-Type"))
        .startsWith("application/problem+json");
    assertThat(http.get("/actuator/health").status()).isEqualTo(200);
  }
}
