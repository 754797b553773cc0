package dev.parley.security;

import dev.parley.access.OriginPattern;
import dev.parley.access.WebOrigin;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.springframework.http.HttpHeaders;

/**
 * Keeps pages of other sites from using a visitor's browser (RFC 6455, section 10.2): the service's
 * own origin may connect, and those that are configured. What the service's own is, behind a proxy,
 * says {@code server.forward-headers-strategy}.
 */
final class OriginCheck {
  private final List<OriginPattern> allowed;

  OriginCheck(List<OriginPattern> allowed) {
    this.allowed = allowed;
  }

  /** Whether the request may go on; one without {@code Origin} is not a browser's and may. */
  boolean allows(HttpServletRequest request) {
    return allows(
        Collections.list(request.getHeaders(HttpHeaders.ORIGIN)),
        own(request.getScheme(), String.valueOf(request.getServerName()), request.getServerPort()));
  }

  /** The same for a request that no filter sees. */
  boolean allows(Request request) {
    return allows(
        request.getHeaders().getValuesList(HttpHeader.ORIGIN),
        own(
            String.valueOf(request.getHttpURI().getScheme()),
            String.valueOf(Request.getServerName(request)),
            Request.getServerPort(request)));
  }

  private boolean allows(List<String> headers, WebOrigin own) {
    if (headers.isEmpty()) {
      return true;
    }
    if (headers.size() > 1) {
      return false;
    }
    String header = headers.getFirst();
    WebOrigin origin = WebOrigin.parse(header);
    return own.equals(origin)
        || allowed.stream().anyMatch(pattern -> pattern.matches(header, origin));
  }

  /** Some proxies and clients name the scheme of the WebSocket, where pages have that of HTTP. */
  private static WebOrigin own(String scheme, String host, int port) {
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "ws" -> WebOrigin.of("http", host, port);
      case "wss" -> WebOrigin.of("https", host, port);
      default -> WebOrigin.of(scheme, host, port);
    };
  }
}
