package dev.parley.security;

import dev.parley.protocol.ErrorCode;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Holds every request over REST to its {@link RequestRates}, whatever its path, also those that are
 * refused behind it. Handshakes have a limit of their own.
 */
public final class RequestRateFilter extends OncePerRequestFilter {
  private final RequestRates rates;

  public RequestRateFilter(RequestRates rates) {
    this.rates = rates;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long wait =
        SecurityContextHolder.getContext().getAuthentication()
                instanceof IdentityAuthentication user
            ? rates.tryAcquire(user.identity(), ClientAddress.of(request))
            : 0;
    if (wait > 0) {
      new Problem(HttpStatus.TOO_MANY_REQUESTS, "Too many requests", ErrorCode.RATE_LIMITED, wait)
          .writeTo(response);
      return;
    }
    chain.doFilter(request, response);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return Handshakes.MATCHER.matches(request);
  }
}
