package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.TestClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a name may contain can stand in a path, raw as browsers leave it and encoded. */
@Tag("service")
@Timeout(60)
class NamesInPathsTests {
  private static final String JSON = "Content-Type: application/json";
  private static final String ANY_CASE = "aZ09._:~@|+=-";

  private final ParleyService service = ParleyService.withLanes(3);
  private final RawHttp http = new RawHttp(service.port());

  static List<String> names() {
    return List.of(
        "auth0|123",
        "a|b|c",
        "a+b@example.org",
        ANY_CASE,
        "...",
        "a..b",
        "..a",
        ".a",
        "a.json",
        "a.",
        "~",
        "|",
        "=",
        ":",
        "+",
        "-",
        "x".repeat(128));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aRoomIsReachedByItsName(String name) {
    assertReached(name, name);
    assertReached(name, encoded(name));
    assertReached(name, encoded(name).replace("%7C", "%7c"));
  }

  @Test
  void thePersonalRoomOfAUserWhoseIdHasABarIsReached() {
    assertReached("@auth0|123", "@auth0|123");
    assertReached("@auth0|123", "%40auth0%7C123");
  }

  @ParameterizedTest
  @MethodSource("names")
  void aUserIsReachedByItsId(String name) {
    String user = name.substring(0, Math.min(127, name.length()));
    for (String inPath : List.of(user, encoded(user))) {
      String operator = "Authorization: Bearer " + service.operator();
      Answer shown = http.get("/api/v1/users/" + inPath, operator);
      assertThat(shown.status()).as(shown.body()).isEqualTo(200);
      assertThat(shown.body()).contains("\"user\":\"" + user + "\"");
      assertThat(
              http.send("DELETE", "/api/v1/rooms/r/members/" + inPath, List.of(), operator)
                  .status())
          .isEqualTo(200);
    }
  }

  /** Every client takes these for steps along the path: the body of /api/v1/messages names them. */
  @ParameterizedTest
  @ValueSource(strings = {".", ".."})
  void namesThatArePathsThemselvesAreNamedInABody(String name) {
    for (String inPath : List.of(name, name.replace(".", "%2e"))) {
      assertThat(http.upgrade("/raw/" + inPath).status()).isEqualTo(400);
      assertThat(post("/api/v1/rooms/" + inPath + "/messages", "{\"content\":1}").status())
          .isEqualTo(400);
    }
    Answer answer = post("/api/v1/messages", "{\"content\":1,\"rooms\":[\"" + name + "\"]}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"room\":\"" + name + "\",\"offset\":");
    try (TestClient guest = service.guest()) {
      guest.send("{\"type\":\"join\",\"room\":\"" + name + "\"}");
      assertThat(guest.next("joined").path("room").asString()).isEqualTo(name);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a^b", "a[b]", "a{b}", "a\"b", "a<b>", "a`b", "a%20b", "%C3%BC", "a%5Eb", "%7B", "a!b",
        "a*b"
      })
  void whatIsNoNameIsRefusedAsSuch(String inPath) {
    Answer raw = http.upgrade("/raw/" + inPath);
    assertThat(raw.status()).isEqualTo(400);
    assertThat(raw.body()).contains("\"code\":\"invalid_room\"");
    Answer posted = post("/api/v1/rooms/" + inPath + "/messages", "{\"content\":1}");
    assertThat(posted.status()).isEqualTo(400);
    assertThat(posted.body()).contains("\"code\":\"invalid_room\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b", "a%2Fb", "a%2fb", "a//b", "a;b", "a%3Bb", "a%25b", "a%", "a%zz", "a\\b", "a%5Cb",
        "a%00b", "a%0Ab", "..%2f", "%252e", "\u00fc", "a%ff"
      })
  void otherCharactersOfPathsReachNothing(String inPath) {
    assertThat(http.upgrade("/raw/" + inPath).status()).isIn(400, 403, 404);
    assertThat(post("/api/v1/rooms/" + inPath + "/messages", "{\"content\":1}").status())
        .isIn(400, 404);
  }

  private void assertReached(String name, String inPath) {
    Answer published = post("/api/v1/rooms/" + inPath + "/messages", "{\"content\":\"hi\"}");
    assertThat(published.status()).as(published.body()).isEqualTo(200);
    assertThat(published.body()).contains("\"room\":\"" + name + "\"");
    try (TestClient device =
        service.handshake("/raw/" + inPath).token(service.token("auth0|123", 600)).connect()) {
      post("/api/v1/rooms/" + inPath + "/messages", "{\"content\":\"to " + inPath + "\"}");
      assertThat(device.next().text()).isEqualTo("to " + inPath);
    }
  }

  private Answer post(String path, String body) {
    return http.send(
        "POST",
        path,
        List.of(JSON),
        body.getBytes(StandardCharsets.UTF_8),
        "Authorization: Bearer " + service.operator());
  }

  /** Every character but letters, percent-encoded. */
  private static String encoded(String name) {
    StringBuilder text = new StringBuilder();
    name.chars()
        .forEach(c ->
            text.append(
                Character.isLetterOrDigit(c) || c == '.'
                    ? String.valueOf((char) c)
                    : "%%%02X".formatted(c)));
    return text.toString();
  }
}
