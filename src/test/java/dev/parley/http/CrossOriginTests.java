package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.TestTokens;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What a page of an allowed origin may ask of the whole service, and what it can read. */
@Tag("service")
@Timeout(60)
class CrossOriginTests {
  private static final String PAGE = "https://app.example.org";
  private static final String ORIGIN = "Origin: " + PAGE;
  private static final String MESSAGES = "/api/v1/rooms/a/messages";

  @AutoClose private static ParleyService service;
  private static RawHttp http;

  @BeforeAll
  static void start() {
    service =
        ParleyService.secured(
            "parley.access.allowed-origins=" + PAGE, "parley.http.patience=300ms");
    http = service.raw();
  }

  @Test
  void aPageMaySendEveryRequestThatTheApiHas() {
    Set<String> methods = new TreeSet<>();
    service
        .bean(RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .keySet()
        .forEach(info -> {
          if (info.getPatternValues().stream().anyMatch(path -> path.startsWith("/api/"))) {
            info.getMethodsCondition().getMethods().forEach(method -> methods.add(method.name()));
          }
        });
    assertThat(methods).contains("GET", "POST", "PUT", "DELETE");
    for (String method : methods) {
      Answer answer =
          http.send(
              "OPTIONS",
              "/api/v1/rooms/a/members/ann",
              List.of(
                  "Access-Control-Request-Method: " + method,
                  "Access-Control-Request-Headers: authorization,content-type,idempotency-key"),
              ORIGIN);
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(PAGE);
      assertThat(list(answer, "Access-Control-Allow-Methods")).contains(method);
      assertThat(list(answer, "Access-Control-Allow-Headers"))
          .contains("Authorization", "Content-Type", "Idempotency-Key");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void aPageOfAnotherOriginMaySendNone(String method) {
    Answer answer =
        http.send(
            "OPTIONS",
            "/api/v1/rooms/a/members/ann",
            List.of("Access-Control-Request-Method: " + method),
            "Origin: https://evil.example.org");
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.head()).doesNotContain("Access-Control-Allow");
  }

  @Test
  void answersAndRefusalsCanBeRead() {
    assertReadable(http.get(MESSAGES, ORIGIN), 401);
    assertReadable(http.get(MESSAGES, ORIGIN, token()), 403);
    assertReadable(http.send("DELETE", MESSAGES, List.of(), ORIGIN, token()), 405);
    assertReadable(http.get("/api/v1/rooms/@ann/messages", ORIGIN, token()), 200);
    assertReadable(http.get("/ws", ORIGIN, token()), 426);
  }

  @Test
  void refusalsBelowTheFiltersCanBeRead() {
    assertReadable(post("Content-Length: 2000000"), 413);
    assertReadable(post("Content-Length: 7"), 408);
    assertReadable(http.get("/api/v1/rooms", ORIGIN, "Expect: x"), 417);
  }

  @Test
  void pagesOfOtherOriginsReadNoRefusal() {
    Answer answer =
        http.send(
            "POST",
            MESSAGES,
            List.of("Content-Length: 2000000"),
            "Origin: https://evil.example.org");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.head()).doesNotContain("Access-Control-Allow");
    assertThat(answer.header("Vary")).contains("Origin");
  }

  /** Without the body that it announces. */
  private static Answer post(String length) {
    return http.send(
        "POST", MESSAGES, List.of("Content-Type: application/json", length), ORIGIN, token());
  }

  private static void assertReadable(Answer answer, int status) {
    assertThat(answer.status()).as(answer.head()).isEqualTo(status);
    assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(PAGE);
    assertThat(list(answer, "Access-Control-Expose-Headers"))
        .contains("Retry-After", "WWW-Authenticate", "Allow");
    assertThat(answer.header("Vary")).contains("Origin");
  }

  private static List<String> list(Answer answer, String header) {
    return Arrays.stream(String.valueOf(answer.header(header)).split(",", -1))
        .map(String::strip)
        .toList();
  }

  private static String token() {
    return "Authorization: Bearer " + TestTokens.of("ann");
  }
}
