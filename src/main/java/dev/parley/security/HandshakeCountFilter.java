package dev.parley.security;

import dev.parley.security.AccessMetrics.HandshakeOutcome;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Counts what became of each handshake, from the status of the answer: the one place that every
 * outcome passes. Asking for the verdict is not a handshake.
 */
final class HandshakeCountFilter extends OncePerRequestFilter {
  private final AccessMetrics metrics;

  HandshakeCountFilter(AccessMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean answered = false;
    try {
      chain.doFilter(request, response);
      answered = true;
    } finally {
      metrics.handshake(
          answered ? HandshakeOutcome.of(response.getStatus()) : HandshakeOutcome.UNAVAILABLE);
    }
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !Handshakes.isUpgrade(request) || !Handshakes.MATCHER.matches(request);
  }
}
