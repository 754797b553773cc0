package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.TestTokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal over HTTP names what is wrong, as problem+json, and leaves the socket usable. */
@Tag("service")
@Timeout(60)
class RestRefusalTests {
  private static final String MESSAGES = "/api/v1/rooms/a/messages";
  private static final String JSON = "Content-Type: application/json";
  private static final String BODY = "{\"content\":1}";
  private static final String REJECTED =
      "The path or a header holds characters that are not accepted there";
  private static final String TOKEN =
      "Authorization: Bearer "
          + TestTokens.with(
              "auth0|ann",
              claims ->
                  claims
                      .claim("scope", "parley.admin")
                      .claim("rooms", Map.of("*", List.of("join", "publish", "history"))));

  private static ParleyService service;
  private static RawHttp http;

  @BeforeAll
  static void start() {
    service = ParleyService.sharedSecured();
    http = service.raw();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /api/v1/rooms/a/messages | text/html",
        "POST | /api/v1/rooms/a/messages | text/html, application/xml;q=0.9",
        "GET | /api/v1/rooms | text/*",
        "GET | /api/v1/rooms | json",
        "GET | /api/v1/rooms/a/messages | */;q=x",
        "POST | /api/v1/messages | ,;",
        "GET | /v3/api-docs | text/html",
        "DELETE | /api/v1/connections/a-00000000:1 | image/png"
      })
  void anAcceptThatAdmitsNoJsonIs406(String method, String path, String accept) {
    Answer answer = http.send(method, path, body(method), "Accept: " + accept, TOKEN);
    assertProblem(answer, 406, "The header Accept does not admit application/json");
    assertThat(answer.header("Accept")).contains("application/json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "text/html", "*/;q=x"})
  void whatIsWrongBesideAcceptIsNamedWhateverItSays(String accept) {
    assertProblem(
        http.send("PATCH", MESSAGES, List.of(), "Accept: " + accept, TOKEN),
        405,
        "Method 'PATCH' is not supported.");
    assertThat(http.get("/ws", "Accept: " + accept, TOKEN).status()).isEqualTo(426);
    assertProblem(http.get("/ws", "Accept: " + accept), 401, "A token is required");
    assertProblem(
        http.get("/api/v1/rooms/a%20b/messages", "Accept: application/json", TOKEN),
        400,
        "Invalid room name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "br", "deflate", "gzip, identity", "x-unknown"})
  void aCodedBodyIs415(String coding) throws IOException {
    for (String path : List.of(MESSAGES, "/api/v1/messages", "/api/v1/users/ann/messages")) {
      Answer answer =
          post(
              path, gzip("{\"content\":1,\"rooms\":[\"a\"]}"), JSON, "Content-Encoding: " + coding);
      assertProblem(answer, 415, "A body without compression is expected");
      assertThat(answer.header("Accept-Encoding")).isEqualTo("identity");
    }
  }

  @Test
  void aBodyInACodedTransferIs415() throws IOException {
    String answer =
        exchange(
            "POST "
                + MESSAGES
                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + TOKEN
                + "\r\n"
                + JSON
                + "\r\nTransfer-Encoding: gzip, chunked\r\n\r\nd\r\n"
                + BODY
                + "\r\n0\r\n\r\n");
    assertThat(answer)
        .startsWith("HTTP/1.1 415 ")
        .contains("\r\nAccept-Encoding: identity\r\n", "A body without compression is expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "Identity", ""})
  void aBodyThatSaysItIsPlainIsTaken(String coding) {
    assertThat(
            post(
                    MESSAGES,
                    BODY.getBytes(StandardCharsets.UTF_8),
                    JSON,
                    "Content-Encoding: " + coding)
                .status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "Content-Type: text/plain",
        "Content-Type: application/vnd.x+json",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: ///",
        "Content-Type: application/json; charset=nonsense",
        "X-No-Content-Type: x"
      })
  void anotherMediaTypeIs415(String type) {
    Answer answer = post(MESSAGES, BODY.getBytes(StandardCharsets.UTF_8), type);
    assertProblem(answer, 415, "A body is expected to be application/json, by Content-Type");
    assertThat(answer.header("Accept")).isEqualTo("application/json");
  }

  @ParameterizedTest
  @CsvSource({"iso-8859-1, 415", "utf-16, 415", "utf-8, 200", "UTF-8, 200", "us-ascii, 200"})
  void jsonIsInUtf8(String charset, int status) {
    Answer answer =
        post(
            MESSAGES,
            BODY.getBytes(StandardCharsets.UTF_8),
            "Content-Type: application/json; charset=" + charset);
    assertThat(answer.status()).isEqualTo(status);
    if (status == 415) {
      assertProblem(answer, 415, "JSON in UTF-8 is expected");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/v1/rooms/a/messages | PUT DELETE PATCH TRACE PROPFIND FOO get | GET, POST",
        "/api/v1/rooms | POST PUT DELETE PATCH TRACE PROPFIND | GET",
        "/api/v1/rooms/a | POST PUT PATCH TRACE FOO | DELETE, GET",
        "/api/v1/rooms/a/members/b | GET POST PATCH TRACE FOO | DELETE, PUT",
        "/api/v1/messages | GET PUT DELETE TRACE FOO | POST",
        "/api/v1/statistics | POST PUT DELETE TRACE FOO | GET",
        "/ws | POST PUT DELETE PATCH TRACE FOO OPTIONS | GET",
        "/raw/a | POST PUT DELETE PATCH TRACE FOO OPTIONS | GET"
      })
  void anotherMethodIs405AndTheRightOnesAreNamed(String path, String methods, String allowed) {
    for (String method : methods.split(" ", -1)) {
      Answer answer =
          http.send(method, path, List.of("Content-Length: 0"), TOKEN, "X-Secret: 4711");
      assertThat(answer.status()).as(method).isEqualTo(405);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(List.of(String.valueOf(answer.header("Allow")).split(", ?", -1)))
          .containsExactlyInAnyOrder(allowed.split(", ", -1));
      assertThat(answer.head() + answer.body()).doesNotContain("4711");
    }
  }

  @Test
  void operatorsArePromisedTheSame() {
    RawHttp management = new RawHttp(service.managementPort());
    for (String method : List.of("POST", "DELETE", "TRACE", "FOO")) {
      Answer answer = management.send(method, "/actuator/health", List.of("Content-Length: 0"));
      assertThat(answer.status()).as(method).isEqualTo(405);
      assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.header("Allow")).isEqualTo("GET");
    }
    Answer refused = management.get("/actuator/health", "Accept: */;q=x");
    assertThat(refused.status()).isEqualTo(406);
    assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
    assertProblem(management.get("/actuator/health;x"), 400, REJECTED);
  }

  @Test
  void whatTheFirewallRefusesSaysWhy() {
    for (String path : List.of("/api/v1/rooms/a;b", "/api/v1/rooms/a%3Bb", "/ws;x")) {
      assertProblem(http.get(path, TOKEN), 400, REJECTED);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST /api/v1/rooms/a/messages | Content-Type: text/plain | 415",
        "POST /api/v1/rooms/a/messages | Content-Type: application/json & Content-Encoding: gzip | 415",
        "POST /api/v1/rooms/a/messages | Content-Type: application/json & Accept: x | 406",
        "PUT /api/v1/rooms/a/messages | Content-Type: application/json | 405",
        "POST /ws | Content-Type: application/json | 405",
        "POST /api/v1/rooms/a%20b/messages | Content-Type: application/json | 400",
        "TRACE /ws | X: y | 405"
      })
  void aRefusedBodyLeavesTheSocketUsableOrEndsIt(String request, String headers, int status)
      throws IOException {
    String answers =
        exchange(
            request
                + " HTTP/1.1\r\nHost: x\r\n"
                + TOKEN
                + "\r\n"
                + headers.replace(" & ", "\r\n")
                + "\r\nContent-Length: 13\r\n\r\n"
                + BODY
                + "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answers).startsWith("HTTP/1.1 " + status + " ");
    assertThat(answers).contains("HTTP/1.1 401 ");
  }

  @Test
  void aBodyThatIsNotReadEndsTheSocket() throws IOException {
    String head = "POST " + MESSAGES + " HTTP/1.1\r\nHost: x\r\n" + TOKEN + "\r\n" + JSON + "\r\n";
    String answer = exchange(head + "Content-Length: 2000000\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 413 ").contains("\r\nConnection: close\r\n");
    answer = exchange(head + "Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 413 ").contains("\r\nConnection: close\r\n");
  }

  private static String exchange(String requests) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static Answer post(String path, byte[] body, String... headers) {
    return http.send("POST", path, List.of(headers), body, TOKEN);
  }

  private static List<String> body(String method) {
    return method.equals("POST") ? List.of(JSON, "Content-Length: 0") : List.of();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void assertProblem(Answer answer, int status, String detail) {
    assertThat(answer.status()).as(answer.head() + answer.body()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.body())
        .contains("\"type\":\"about:blank\"", "\"status\":" + status)
        .contains("\"detail\":\"" + detail + "\"");
  }
}
