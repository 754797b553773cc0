package dev.parley.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses foreign origins, and tells browsers (CORS) that the allowed ones may read what comes
 * back: also a refusal, so this stands before everything that refuses. Cookies play no part, so
 * credentials are not allowed.
 */
final class OriginFilter extends OncePerRequestFilter {
  private final OriginCheck check;

  OriginFilter(OriginCheck check) {
    this.check = check;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    if (!check.allows(request)) {
      new Problem(HttpStatus.FORBIDDEN, "This origin may not connect").writeTo(response);
      return;
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || Handshakes.isUpgrade(request)) {
      chain.doFilter(request, response);
      return;
    }
    response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    if (!CorsUtils.isPreFlightRequest(request)) {
      response.setHeader(
          HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS,
          HttpHeaders.RETRY_AFTER + ", " + HttpHeaders.WWW_AUTHENTICATE);
      chain.doFilter(request, response);
      return;
    }
    response.setHeader(
        HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, HttpMethod.GET + ", " + HttpMethod.POST);
    response.setHeader(
        HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, Idempotency-Key");
    response.setHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
    response.setStatus(HttpStatus.NO_CONTENT.value());
  }
}
