package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.Handshake;
import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.TestClient;
import dev.parley.support.TroubleLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers that browsers, devices and proxies send with a handshake, good and bad. */
@Tag("service")
@Timeout(60)
class HandshakeHeaderTests {
  private static final String PAGE = "Origin: https://chat.example.org";
  private static final String HOST = "X-Forwarded-Host: chat.example.org";

  private final ParleyService service =
      ParleyService.shared(
          "parley.limits.enabled=false",
          "parley.lanes=2",
          "server.forward-headers-strategy=native",
          "parley.access.hosts=chat.example.org",
          "parley.access.allowed-origins=capacitor://localhost,file://,app://.,null,"
              + "chrome-extension://abcdefgh,https://other.example.org");
  private final RawHttp http = new RawHttp(service.port());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-Proto: https",
        "X-Forwarded-Proto: wss",
        "X-Forwarded-Proto: WSS",
        "x-forwarded-proto: Https",
        "X-Forwarded-Proto: wss, ws",
        "X-Forwarded-Proto: https,http",
        "X-Forwarded-Proto: wss & X-Forwarded-Proto: http",
        "X-Forwarded-Proto: wss & X-Forwarded-Port: 443",
        "X-Forwarded-Proto: https & X-Forwarded-Port: 443, 80"
      })
  void behindAProxyWithTlsTheServicesOwnPagesConnect(String headers) {
    assertThat(http.upgrade("/ws", with(headers, PAGE, HOST)).status()).isEqualTo(101);
    assertThat(http.get("/ws", with(headers, PAGE, HOST)).status()).isEqualTo(426);
    assertThat(http.upgrade("/ws", with(headers, "Origin: http://chat.example.org", HOST)).status())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({
    "ws, http://chat.example.org, 101",
    "http, http://chat.example.org, 101",
    "ws, https://chat.example.org, 403",
    "wss, https://chat.example.org:8443, 403",
    "wss-x, https://chat.example.org, 403",
    "'', https://chat.example.org, 403"
  })
  void theSchemeOfTheProxyDecidesWhatIsOwn(String proto, String origin, int status) {
    assertThat(
            http.upgrade("/ws", HOST, "X-Forwarded-Proto: " + proto, "Origin: " + origin).status())
        .isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"de", ";;", "' \"?\"~", "x-\u00e9", ""})
  void noLanguageFailsARequest(String language) {
    String header = "Accept-Language: " + language;
    assertThat(http.upgrade("/ws", header).status()).isEqualTo(101);
    assertThat(http.get("/api/v1/rooms/a/messages", header).status()).isEqualTo(200);
    Answer refused = http.send("PUT", "/api/v1/rooms/a/messages", List.of(), header);
    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.body()).contains("\"detail\":\"Method 'PUT' is not supported.\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-Host: ",
        "X-Forwarded-Host: & X-Forwarded-Port: 443",
        "X-Forwarded-Host: , & X-Forwarded-Port: 443",
        "X-Forwarded-Host: ,evil.example.org",
        "X-Forwarded-Proto: ",
        "X-Forwarded-Port: ",
        "X-Forwarded-For: "
      })
  void whatAProxyLeavesEmptyCountsAsNotThere(String headers) {
    assertThat(http.upgrade("/ws", with(headers)).status()).isEqualTo(101);
  }

  @Test
  void anotherPortOfTheProxyIsPartOfTheOrigin() {
    String[] proxy = {HOST, "X-Forwarded-Proto: wss", "X-Forwarded-Port: 8443"};
    assertThat(http.upgrade("/ws", with("Origin: https://chat.example.org:8443", proxy)).status())
        .isEqualTo(101);
    assertThat(http.upgrade("/ws", with(PAGE, proxy)).status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Upgrade: h2c, websocket",
        "Upgrade: websocket, h2c",
        "Upgrade: TLS/1.3,h2c , WebSocket",
        "Upgrade: h2c & Upgrade: websocket",
        "upgrade: WEBSOCKET",
        "Upgrade: h2c, websocket & HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"
      })
  void upgradesMayBeOfferedBesideOurs(String headers) {
    for (String path : List.of("/ws", "/raw/a", "/echo", "/")) {
      Answer answer = http.send("GET", path, without("Upgrade"), with(headers));
      assertThat(answer.status()).as(path).isEqualTo(101);
      assertThat(answer.header("Upgrade")).isEqualTo("websocket");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: keep-alive, Upgrade",
        "Connection: keep-alive,upgrade",
        "connection: UPGRADE",
        "Connection: keep-alive & Connection: Upgrade",
        "Connection: Upgrade, HTTP2-Settings",
        "Connection: ,Upgrade,"
      })
  void connectionIsAList(String headers) {
    assertThat(http.send("GET", "/ws", without("Connection"), with(headers)).status())
        .isEqualTo(101);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ";",
        ",",
        ";;,;",
        "=",
        "a;b=\"",
        "permessage-deflate;",
        "permessage-deflate; client_max_window_bits=99",
        "x; y=\"a,b;c\"",
        "é"
      })
  void whateverExtensionsAreOfferedNoneIsTaken(String value) {
    try (TroubleLog log = new TroubleLog()) {
      for (String path : List.of("/ws", "/raw/a", "/echo")) {
        Answer answer = http.upgrade(path, "Sec-WebSocket-Extensions: " + value);
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.header("Sec-WebSocket-Extensions")).isNull();
      }
      assertThat(
              http.upgrade(
                      "/ws",
                      "Sec-WebSocket-Extensions: permessage-deflate",
                      "sec-websocket-extensions: " + value)
                  .status())
          .isEqualTo(101);
      assertThat(log.troubles()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "parley.v1",
        "other, parley.v1",
        "parley.v1,parley.v1",
        " parley.v1 ,",
        ", ,parley.v1",
        "a b, parley.v1",
        "other & Sec-WebSocket-Protocol: parley.v1",
        " & Sec-WebSocket-Protocol: parley.v1"
      })
  void ourSubprotocolIsFoundInAnyList(String value) {
    try (TestClient client = client(value)) {
      assertThat(client.answer().header("Sec-WebSocket-Protocol")).isEqualTo("parley.v1");
      assertThat(client.next().type()).isEqualTo("welcome");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Parley.V1",
        "PARLEY.V1",
        "\"parley.v1\"",
        "parley.v1;x",
        "parley.v1=1",
        "parley .v1",
        ";",
        "=",
        ",,",
        "",
        "other"
      })
  void whatIsNotExactlyOurSubprotocolIsPlainMode(String value) {
    try (TestClient client = client(value)) {
      assertThat(client.answer().header("Sec-WebSocket-Protocol")).isNull();
      client.send("{\"type\":\"ping\",\"ref\":\"1\"}");
      assertThat(client.next().type()).as("no welcome came before").isEqualTo("pong");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "capacitor://localhost",
        "file://",
        "app://.",
        "null",
        "chrome-extension://abcdefgh",
        "https://other.example.org"
      })
  void originsOfAppsConnectIfTheyAreListed(String origin) {
    assertThat(http.upgrade("/ws", "Origin: " + origin).status()).isEqualTo(101);
    Answer rest = http.get("/api/v1/rooms/a/messages", "Origin: " + origin);
    assertThat(rest.status()).isEqualTo(200);
    assertThat(rest.header("Access-Control-Allow-Origin")).isEqualTo(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ionic://localhost",
        "capacitor://localhost/",
        "capacitor://",
        "file:///",
        "file:",
        "FILE://",
        "app://x",
        "app://",
        "Null",
        "chrome-extension://abcdefghi",
        "https://other.example.org, https://other.example.org",
        "https://other.example.org & Origin: https://other.example.org",
        "://",
        "http://",
        "http://[",
        "http://%zz",
        "http://x:y",
        "http://a b",
        "é",
        ""
      })
  void otherOriginsAreRefusedWhateverTheyLookLike(String origin) {
    try (TroubleLog log = new TroubleLog()) {
      assertThat(http.upgrade("/ws", with("Origin: " + origin)).status()).isEqualTo(403);
      assertThat(http.get("/ws", with("Origin: " + origin)).status()).isEqualTo(403);
      assertThat(log.troubles()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file://",
        "null",
        "app://x",
        "http://[",
        "http://%zz",
        "http://x:y",
        "http://a b",
        "é",
        ""
      })
  void whereAnyOriginMayConnectAnyDoes(String origin) {
    ParleyService open =
        ParleyService.shared("parley.limits.enabled=false", "parley.access.allowed-origins=*");
    try (TroubleLog log = new TroubleLog()) {
      assertThat(new RawHttp(open.port()).upgrade("/ws", "Origin: " + origin).status())
          .isEqualTo(101);
      assertThat(log.troubles()).isEmpty();
    }
  }

  @Test
  void anUpgradeOverHttp10IsNone() throws IOException {
    String request =
        "GET /ws HTTP/1.0\r\nHost: localhost\r\n" + String.join("\r\n", RawHttp.UPGRADE);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write((request + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().readNBytes(12))
          .asString(StandardCharsets.US_ASCII)
          .isEqualTo("HTTP/1.1 426");
    }
  }

  private TestClient client(String subprotocols) {
    Handshake handshake = service.handshake("/ws");
    for (String line : with("Sec-WebSocket-Protocol: " + subprotocols)) {
      handshake.header(line);
    }
    return handshake.connect();
  }

  /** The headers of an upgrade but for this one. */
  private static List<String> without(String name) {
    return RawHttp.UPGRADE.stream().filter(header -> !header.startsWith(name + ":")).toList();
  }

  /** Lines that stand in one text with an ampersand between, and more lines. */
  private static String[] with(String lines, String... more) {
    return Stream.concat(Arrays.stream(lines.split(" & ", -1)), Arrays.stream(more))
        .toArray(String[]::new);
  }
}
