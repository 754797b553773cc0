package dev.parley.security;

import dev.parley.access.OriginPattern;
import dev.parley.access.WebOrigin;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Enumeration;
import java.util.List;
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
    Enumeration<String> headers = request.getHeaders(HttpHeaders.ORIGIN);
    if (!headers.hasMoreElements()) {
      return true;
    }
    String header = headers.nextElement();
    if (headers.hasMoreElements()) {
      return false;
    }
    WebOrigin origin = WebOrigin.parse(header);
    return own(request).equals(origin)
        || allowed.stream().anyMatch(pattern -> pattern.matches(header, origin));
  }

  private static WebOrigin own(HttpServletRequest request) {
    return WebOrigin.of(request.getScheme(), request.getServerName(), request.getServerPort());
  }
}
