package dev.parley.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.access.AccessDeniedHandler;

/**
 * Answers 404 for a path that does not exist or is not open: a client cannot tell one from the
 * other. Under profile {@code dev} the answer says which paths there are.
 */
public final class UnknownPath implements AccessDeniedHandler {
  private final boolean dev;

  public UnknownPath(boolean dev) {
    this.dev = dev;
  }

  public Problem problem() {
    return new Problem(
        HttpStatus.NOT_FOUND,
        dev
            ? "Nothing is at this path. WebSockets are at /ws, REST at /api/v1 with its documentation"
                + " at /swagger-ui.html, a chat page at /; the rest is in docs/PROTOCOL.md"
            : "Nothing is at this path");
  }

  /** What the answer's header {@code Link} (RFC 8288) says; empty if it has none. */
  public String link() {
    return dev ? "</swagger-ui.html>; rel=\"help\"" : "";
  }

  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException denied)
      throws IOException {
    if (dev) {
      response.setHeader(HttpHeaders.LINK, link());
    }
    problem().writeTo(response);
  }
}
