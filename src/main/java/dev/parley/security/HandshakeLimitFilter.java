package dev.parley.security;

import dev.parley.access.KeyedRateLimit;
import dev.parley.protocol.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/** Bounds what one address may cost: stands before any token is verified. */
final class HandshakeLimitFilter extends OncePerRequestFilter {
  private final KeyedRateLimit limit;

  HandshakeLimitFilter(KeyedRateLimit limit) {
    this.limit = limit;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long wait = limit.tryAcquire(ClientAddress.of(request));
    if (wait == 0) {
      chain.doFilter(request, response);
      return;
    }
    new Problem(
            HttpStatus.TOO_MANY_REQUESTS,
            "Too many handshakes from this address",
            ErrorCode.RATE_LIMITED,
            wait)
        .writeTo(response);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !Handshakes.MATCHER.matches(request);
  }
}
