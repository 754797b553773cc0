package dev.parley.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * What is no request, or a bad one, is answered and not logged: clients decide how often it comes.
 */
@Tag("service")
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class MalformedRequestTests {
  private static final String PATH = "/api/me HTTP/1.1\r\n";
  private static final String HOST = "Host: x\r\n";
  private static final List<String> FRAGMENTS =
      List.of(
          "Host: x\r\n",
          "Host: a b\r\n",
          "Host: [::1\r\n",
          "Host:\r\n",
          "Cookie: a=\"b; =; c==,\u0001\r\n",
          "Cookie: $Version=1; a=b; $Path=/\r\n",
          "Content-Length: 3\r\n",
          "Content-Length: -1\r\n",
          "Content-Length: 99999999999999999999\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: gzip\r\n",
          "Expect: 100-continue\r\n",
          "Expect: x\r\n",
          "Upgrade: websocket\r\n",
          "Upgrade: h2c\r\n",
          "HTTP2-Settings: AAA\r\n",
          "Connection: Upgrade\r\n",
          "Connection: close\r\n",
          "Sec-WebSocket-Version: 13\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
          "Sec-WebSocket-Extensions: ;\r\n",
          "Sec-WebSocket-Protocol: ,,\r\n",
          "Content-Type: ///\r\n",
          "Content-Type: application/json; charset=nonsense\r\n",
          "Content-Type: multipart/form-data\r\n",
          "Content-Type: application/x-www-form-urlencoded\r\n",
          "Accept: */;q=x\r\n",
          "Accept-Language: ;;\r\n",
          "Accept-Encoding: ,;q=\r\n",
          "If-None-Match: \"\r\n",
          "If-Modified-Since: yesterday\r\n",
          "Range: bytes=9-1\r\n",
          "Origin: ://\r\n",
          "Authorization: Bearer\r\n",
          "Authorization: Basic ???\r\n",
          "X-Forwarded-For: ,\r\n",
          "X-Forwarded-Host: a b\r\n",
          "Forwarded: for=;;\r\n",
          " folded\r\n",
          "No-Colon\r\n",
          ": no name\r\n",
          "Bad\u0000Name: x\r\n",
          "X: \u0000\r\n");
  private static final List<String> TARGETS =
      List.of(
          "/api/me",
          "/api/v1/rooms/r/messages",
          "/ws",
          "/raw/r",
          "/%",
          "/%zz",
          "/%c0%ae/",
          "/%00",
          "/..;/..",
          "/a;b=c",
          "//",
          "/\\",
          "/api/me?%",
          "/api/me?a=%zz&b=%ff",
          "/ws?token=%",
          "*",
          "http://x:y/",
          "http://[/",
          "x",
          "/ü");

  private static ConfigurableApplicationContext context;

  @BeforeAll
  static void start() {
    context =
        SecurityApplication.start(
            "parley.access.jwt-secret=" + SecurityApplication.SECRET,
            "parley.access.anonymous=true",
            "parley.limits.enabled=false",
            "server.forward-headers-strategy=native");
  }

  @AfterAll
  static void stop() {
    context.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET " + PATH + "Host: a b\r\n\r\n",
        "GET " + PATH + HOST + HOST + "\r\n",
        "GET " + PATH + "\r\n",
        "GET " + PATH + HOST + "Content-Length: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\n" + HOST + "\r\n",
        "GET " + PATH + HOST + ": \r\n\r\n",
        "nonsense\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n"
      })
  void whatIsNoRequestIs400AndSilent(String request, CapturedOutput output) throws IOException {
    double before = malformed();
    assertThat(send(request)).startsWith("HTTP/1.1 400").contains("application/problem+json");
    assertThat(malformed()).isEqualTo(before + 1);
    assertThat(troubles(output)).isEmpty();
  }

  @Test
  void noRequestWritesALine(CapturedOutput output) throws IOException {
    Random random = new Random(8);
    for (int i = 0; i < 1_500; i++) {
      StringBuilder request = new StringBuilder();
      request.append(
          pick(
              random,
              List.of("GET", "POST", "PUT", "OPTIONS", "HEAD", "TRACE", "CONNECT", "G\u0001T")));
      request.append(' ').append(pick(random, TARGETS));
      request
          .append(' ')
          .append(pick(random, List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9")));
      request.append("\r\n");
      if (random.nextBoolean()) {
        request.append(HOST);
      }
      for (int n = random.nextInt(5); n > 0; n--) {
        request.append(pick(random, FRAGMENTS));
      }
      request
          .append("\r\n")
          .append(pick(random, List.of("", "abc", "3\r\nabc\r\n0\r\n\r\n", "zz\r\n")));
      String answer = send(request.toString());
      if (!answer.isEmpty()) {
        assertThat(answer).as(request.toString()).matches("(?s)HTTP/1.1 ([1-4]|505).*");
      }
    }
    assertThat(troubles(output)).isEmpty();
  }

  private static String pick(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** What is answered to these bytes and the end of the stream. */
  private static String send(String request) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), SecurityApplication.port(context))) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }

  private static double malformed() {
    return context
        .getBean(MeterRegistry.class)
        .get("parley.http.refusals")
        .tag("reason", "malformed")
        .counter()
        .count();
  }

  private static List<String> troubles(CapturedOutput output) {
    List<String> troubles = new ArrayList<>();
    output
        .toString()
        .lines()
        .filter(
            line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.contains("\tat "))
        .forEach(troubles::add);
    return troubles;
  }
}
