package dev.parley.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses foreign origins, and tells browsers that the allowed ones may read what comes back. That
 * may be a refusal, so this stands before everything that refuses.
 */
final class OriginFilter extends OncePerRequestFilter {
  private final Cors cors;

  OriginFilter(Cors cors) {
    this.cors = cors;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    if (!cors.allows(request)) {
      new Problem(HttpStatus.FORBIDDEN, "This origin may not connect").writeTo(response);
      return;
    }
    if (Handshakes.isUpgrade(request)) {
      chain.doFilter(request, response);
    } else if (!cors.answersPreflight(request, response)) {
      cors.expose(request, response);
      chain.doFilter(request, response);
    }
  }
}
