package dev.parley.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** What a WebSocket handshake looks like (RFC 6455, section 4.2.1), and where one is answered. */
public final class Handshakes {
  static final String KEY_HEADER = "Sec-WebSocket-Key";
  static final String VERSION_HEADER = "Sec-WebSocket-Version";
  static final String VERSION = "13";

  private static final String FRAMES = "/ws";
  private static final String ECHO = "/echo";

  /** The room's name follows. */
  private static final String RAW = "/raw/";

  private static final PathPatternRequestMatcher.Builder PATHS =
      PathPatternRequestMatcher.withDefaults();

  /** A page may lie at {@code /}, but an upgrade there is a handshake. */
  private static final RequestMatcher ROOT = PATHS.matcher("/");

  /** Requests that open a connection, or ask for the verdict of doing so. */
  public static final RequestMatcher MATCHER =
      new OrRequestMatcher(
          PATHS.matcher(FRAMES),
          PATHS.matcher(RAW + "**"),
          PATHS.matcher(ECHO),
          request -> isUpgrade(request) && ROOT.matches(request));

  private Handshakes() {}

  /** Whether an upgrade at this path is a handshake, as {@link #MATCHER} has it. */
  public static boolean isAnsweredAt(String path) {
    return path.equals("/") || path.equals(FRAMES) || path.equals(ECHO) || path.startsWith(RAW);
  }

  /** Whether WebSocket is among the upgrades on offer. HTTP/1.0 has none (RFC 9110, 7.8). */
  public static boolean isUpgrade(HttpServletRequest request) {
    return !request.getProtocol().equals("HTTP/1.0")
        && hasToken(request, HttpHeaders.UPGRADE, "websocket");
  }

  /**
   * The first subprotocol on offer that is one of these, null if none is. Their names are
   * case-sensitive (RFC 6455, section 4.2.2).
   */
  public static @Nullable String subprotocol(HttpServletRequest request, List<String> ours) {
    return entries(request, PresentedToken.PROTOCOL_HEADER)
        .filter(ours::contains)
        .findFirst()
        .orElse(null);
  }

  /**
   * Null if the upgrade can go on, else what is wrong with it. That {@code Connection} names it was
   * Jetty's to check.
   */
  static @Nullable String flaw(HttpServletRequest request) {
    if (!VERSION.equals(only(request, VERSION_HEADER))) {
      return "The header Sec-WebSocket-Version must be 13";
    }
    String key = only(request, KEY_HEADER);
    // 16 bytes in base64: 22 characters and their padding.
    if (key == null || !key.matches("[A-Za-z0-9+/]{22}==")) {
      return "The header Sec-WebSocket-Key must be 16 bytes in base64";
    }
    return null;
  }

  private static @Nullable String only(HttpServletRequest request, String name) {
    Enumeration<String> values = request.getHeaders(name);
    String value = values.hasMoreElements() ? values.nextElement().strip() : null;
    return values.hasMoreElements() ? null : value;
  }

  private static boolean hasToken(HttpServletRequest request, String header, String token) {
    return entries(request, header).anyMatch(token::equalsIgnoreCase);
  }

  /** A list may come on several lines (RFC 9110, section 5.3). */
  private static Stream<String> entries(HttpServletRequest request, String header) {
    return Collections.list(request.getHeaders(header)).stream()
        .flatMap(line -> Arrays.stream(line.split(",", -1)))
        .map(String::strip);
  }
}
