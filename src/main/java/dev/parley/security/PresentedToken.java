package dev.parley.security;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Finds the token in a request. In order of preference: {@code Authorization: Bearer} (RFC 6750),
 * an entry {@code bearer.<jwt>} of {@code Sec-WebSocket-Protocol} (a browser can set no header
 * else), {@code ?access_token=} and {@code ?token=}. The query is read as it was sent, since the
 * servlet's parameters would consume a form's body.
 */
final class PresentedToken {
  static final String PROTOCOL_HEADER = "Sec-WebSocket-Protocol";
  private static final String SCHEME = "bearer";
  private static final String PROTOCOL_PREFIX = "bearer.";
  private static final List<String> PARAMETERS = List.of("access_token", "token");

  private PresentedToken() {}

  /** The token; empty if one of the places is there and holds none; null if none is there. */
  static @Nullable String in(HttpServletRequest request) {
    String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (authorization != null && isBearer(authorization)) {
      return authorization.substring(SCHEME.length()).strip();
    }
    for (String header : Collections.list(request.getHeaders(PROTOCOL_HEADER))) {
      for (String entry : header.split(",", -1)) {
        if (isBearerEntry(entry)) {
          return entry.strip().substring(PROTOCOL_PREFIX.length());
        }
      }
    }
    String query = request.getQueryString();
    if (query != null) {
      for (String name : PARAMETERS) {
        for (String pair : query.split("&", -1)) {
          if (nameOf(pair).equals(name)) {
            return decode(pair.substring(Math.min(pair.length(), pair.indexOf('=') + 1)));
          }
        }
      }
    }
    return null;
  }

  static boolean isBearer(String authorization) {
    String lower = authorization.strip().toLowerCase(Locale.ROOT);
    return lower.equals(SCHEME) || lower.startsWith(SCHEME + " ");
  }

  /** The header without its tokens; empty if nothing else was offered. */
  static String withoutToken(String protocols) {
    return joined(protocols, ",", entry -> !isBearerEntry(entry));
  }

  static boolean isParameter(String name) {
    return PARAMETERS.contains(name);
  }

  static String queryWithoutToken(String query) {
    return joined(query, "&", pair -> !isParameter(nameOf(pair)));
  }

  private static String joined(String text, String separator, Predicate<String> kept) {
    return String.join(separator, Arrays.stream(text.split(separator, -1)).filter(kept).toList());
  }

  private static boolean isBearerEntry(String entry) {
    return entry.strip().startsWith(PROTOCOL_PREFIX);
  }

  private static String nameOf(String pair) {
    int equals = pair.indexOf('=');
    return decode(equals < 0 ? pair : pair.substring(0, equals));
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return "";
    }
  }
}
