package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import dev.parley.support.TroubleLog;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ten thousand handshakes whose headers are mixed of right, unusual and broken ones. Whatever
 * comes, the answer is one that docs/PROTOCOL.md has, it names the mode that the connection then
 * has, and the log stays empty.
 */
@Tag("service")
@Timeout(120)
class HandshakeFuzzTests {
  private static final int REQUESTS = 10_000;
  private static final int CLIENTS = 8;
  private static final Set<Integer> STATUSES = Set.of(101, 400, 401, 403, 421, 426, 429, 431);
  private static final byte[] PING =
      TestClient.masked(0x81, "{\"type\":\"ping\",\"ref\":\"1\"}".getBytes(StandardCharsets.UTF_8));
  private static final String JUNK =
      ";,=\"' \t/:*[]{}()<>@%&?!#\\~|azAZ09.-_\u007f\u0080\u0085\u00e9\u00ff";

  private static final List<String> TARGETS =
      List.of("/ws", "/ws", "/raw/a", "/raw/auth0|1", "/echo", "/ws?token=x", "/ws?a=|&token");
  private static final List<String> UPGRADES =
      List.of(
          "websocket", "WebSocket", "h2c, websocket", "websocket,h2c", "h2c", ",", "websocket/13");
  private static final List<String> CONNECTIONS =
      List.of(
          "Upgrade",
          "keep-alive, Upgrade",
          "upgrade",
          "close",
          "Upgrade, close",
          "keep-alive",
          ",");
  private static final List<String> VERSIONS = List.of("13", "13", "13", "8", "13, 8", "x", "");
  private static final List<String> KEYS =
      List.of("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==", "AAAA", "", "=");
  private static final List<List<String>> OPTIONAL =
      List.of(
          List.of(
              "Sec-WebSocket-Protocol", "parley.v1", "Parley.V1", "a, parley.v1", "bearer.x", ","),
          List.of(
              "Sec-WebSocket-Protocol", "parley.v1", "\"parley.v1\"", "parley.v1;a", "other", ""),
          List.of("Sec-WebSocket-Extensions", ";", "permessage-deflate", "a;b=\"", "x, ;", "=;"),
          List.of("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
          List.of("Origin", "null", "file://", "http://localhost:1", "http://[", "http://%zz", ""),
          List.of("Origin", "capacitor://localhost", "http://x:y", "a b", "https://evil.example"),
          List.of("X-Forwarded-Proto", "https", "wss", "ws, http", "x", "", "wss,"),
          List.of("X-Forwarded-Host", "chat.example.org", "localhost, x", "a b", "[::1", ""),
          List.of("X-Forwarded-Port", "443", "0", "-1", "x", "443, 80", "99999"),
          List.of("X-Forwarded-For", "1.2.3.4", "unknown", "[::1]:5", "1.2.3.4, 5.6.7.8", "[", ","),
          List.of("Forwarded", "for=_x;proto=https", ";;=", "for=\"", "by"),
          List.of("Authorization", "Bearer x", "Bearer", "Basic eA==", "bearer  ", "Digest ,"),
          List.of("Cookie", "a=b", "a=\"b; =; c==", ";"),
          List.of("User-Agent", "x", "", "(((", "\u00e9"),
          List.of("Accept", "*/*", "text/html", "*/;q=x", ","),
          List.of("Accept-Language", "de", ";;", "x-\u00e9"),
          List.of("Accept-Encoding", "gzip", ",;q="),
          List.of("Content-Type", "application/json", "///", "multipart/form-data"),
          List.of("Content-Encoding", "gzip", "x"),
          List.of("Content-Length", "0"),
          List.of("If-None-Match", "\"", "*"),
          List.of("If-Modified-Since", "yesterday"),
          List.of("Range", "bytes=9-1", "x"),
          List.of("Expect", "100-continue"),
          List.of("HTTP2-Settings", "AAMAAABk", "?"),
          List.of("TE", "trailers", "gzip;q="),
          List.of("Via", "1.1 x", ","),
          List.of("X-Requested-With", "XMLHttpRequest"),
          List.of("Access-Control-Request-Method", "GET"),
          List.of("X-HTTP-Method-Override", "DELETE"));

  /** Junk in these announces a body that does not come (408), or asks for what nobody has (417). */
  private static final Set<String> OF_A_BODY = Set.of("Expect", "Content-Length");

  private final ParleyService service =
      ParleyService.shared(
          "parley.limits.enabled=false",
          "parley.lanes=2",
          "parley.access.hosts=chat.example.org",
          "server.forward-headers-strategy=native",
          "parley.access.allowed-origins=capacitor://localhost,file://,http://localhost:*");

  private final List<String> faults = new CopyOnWriteArrayList<>();

  @Test
  void noHandshakeIsAnsweredInAnotherWayThanPromised() throws Exception {
    try (TroubleLog log = new TroubleLog();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<int[]>> all = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        Random random = new Random(client);
        all.add(clients.submit(() -> shake(random)));
      }
      int[] seen = new int[600];
      for (Future<int[]> each : all) {
        int[] statuses = each.get();
        for (int i = 0; i < seen.length; i++) {
          seen[i] += statuses[i];
        }
      }
      assertThat(faults).isEmpty();
      assertThat(seen[101]).as("the requests are not too broken").isGreaterThan(REQUESTS / 20);
      assertThat(seen[400]).isPositive();
      assertThat(seen[401]).isPositive();
      assertThat(seen[403]).isPositive();
      assertThat(seen[426]).isPositive();
      assertThat(log.troubles()).isEmpty();
    }
  }

  private int[] shake(Random random) {
    int[] statuses = new int[600];
    for (int i = 0; i < REQUESTS / CLIENTS; i++) {
      String request = request(random);
      try {
        statuses[shake(request)]++;
      } catch (IOException | AssertionError fault) {
        faults.add(request + fault);
      }
    }
    return statuses;
  }

  /** The status, if everything about the answer is right. */
  private int shake(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
      socket.setSoTimeout(20_000);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(request.getBytes(StandardCharsets.ISO_8859_1));
      bytes.writeBytes(PING);
      socket.getOutputStream().write(bytes.toByteArray());
      InputStream in = socket.getInputStream();
      String head = head(in);
      int status = Integer.parseInt(head.substring(9, 12));
      assertThat(STATUSES).as(request + "\n" + head).contains(status);
      if (status == 421) {
        assertThat(request.toLowerCase(Locale.ROOT)).contains("x-forwarded-host");
      }
      if (status == 101) {
        checkMode(request, head, in);
      } else {
        assertThat(head).as(request).contains("application/problem+json");
      }
      return status;
    }
  }

  private static void checkMode(String request, String head, InputStream in) throws IOException {
    String lower = head.toLowerCase(Locale.ROOT);
    assertThat(lower).as(request).doesNotContain("sec-websocket-extensions");
    String first = frame(in);
    if (request.startsWith("GET /ws")) {
      assertThat(first)
          .as(request + head)
          .contains(
              lower.contains("sec-websocket-protocol: parley.v1\r\n")
                  ? "\"type\":\"welcome\""
                  : "\"type\":\"pong\"");
      assertThat(lower.contains("sec-websocket-protocol"))
          .as(request + head)
          .isEqualTo(head.contains("parley.v1"));
    } else {
      assertThat(lower).as(request).doesNotContain("sec-websocket-protocol");
      assertThat(first).as(request).isEqualTo("{\"type\":\"ping\",\"ref\":\"1\"}");
    }
  }

  private static String request(Random random) {
    List<String> headers = new ArrayList<>();
    add(headers, "Upgrade", UPGRADES, random, 3);
    add(headers, "Connection", CONNECTIONS, random, 3);
    add(headers, "Sec-WebSocket-Version", VERSIONS, random, 10);
    add(headers, "Sec-WebSocket-Key", KEYS, random, 10);
    for (int n = random.nextInt(6); n > 0; n--) {
      List<String> optional = OPTIONAL.get(random.nextInt(OPTIONAL.size()));
      add(headers, optional.getFirst(), optional.subList(1, optional.size()), random, 1);
    }
    if (random.nextInt(200) == 0) {
      headers.add("X-Long: " + "x".repeat(9_000));
    }
    Collections.shuffle(headers, random);
    return "GET "
        + TARGETS.get(random.nextInt(TARGETS.size()))
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + String.join("", headers.stream().map(line -> line + "\r\n").toList())
        + "\r\n";
  }

  /**
   * @param right so much likelier is the first value than any other one
   */
  private static void add(
      List<String> headers, String name, List<String> values, Random random, int right) {
    int kind = random.nextInt(12 * right);
    if (kind == 0 && right > 1) {
      return;
    }
    String value =
        kind == 1 && !OF_A_BODY.contains(name)
            ? junk(random)
            : values.get(kind < 12 ? random.nextInt(values.size()) : 0);
    String written =
        switch (random.nextInt(4)) {
          case 0 -> name.toLowerCase(Locale.ROOT);
          case 1 -> name.toUpperCase(Locale.ROOT);
          default -> name;
        };
    if (random.nextInt(8) == 0 && value.contains(",")) {
      for (String line : value.split(",", -1)) {
        headers.add(written + ":" + line);
      }
    } else {
      headers.add(written + ": " + value);
    }
    if (random.nextInt(40) == 0) {
      headers.add(name + ": " + values.get(random.nextInt(values.size())));
    }
  }

  private static String junk(Random random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(12); n > 0; n--) {
      text.append(JUNK.charAt(random.nextInt(JUNK.length())));
    }
    return text.toString();
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) next(in));
    }
    return head.toString();
  }

  /** The first frame's payload; it is whole and plain. */
  private static String frame(InputStream in) throws IOException {
    assertThat(next(in)).as("a whole text frame without compression").isEqualTo(0x81);
    int length = next(in);
    if (length == 126) {
      length = (next(in) << 8) + next(in);
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static int next(InputStream in) throws IOException {
    int next = in.read();
    if (next < 0) {
      throw new EOFException();
    }
    return next;
  }
}
