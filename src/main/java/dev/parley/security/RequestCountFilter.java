package dev.parley.security;

import dev.parley.access.Identity;
import dev.parley.protocol.ErrorCode;
import dev.parley.security.HttpMetrics.Reason;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds how many requests one user may have in progress: from here until the client has read the
 * answer. A guest is another user with each request, so guests count by where they come from.
 */
final class RequestCountFilter extends OncePerRequestFilter {
  private final InProgress requests = new InProgress();
  private final int most;
  private final HttpMetrics metrics;

  RequestCountFilter(int most, HttpMetrics metrics) {
    this.most = most;
    this.metrics = metrics;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!(SecurityContextHolder.getContext().getAuthentication()
        instanceof IdentityAuthentication user)) {
      chain.doFilter(request, response);
      return;
    }
    Identity identity = user.identity();
    String key = identity.guest() ? "guest " + ClientAddress.of(request) : identity.user().value();
    if (!requests.tryEnter(key, most)) {
      metrics.refused(Reason.BUSY);
      new Problem(
              HttpStatus.TOO_MANY_REQUESTS,
              "Too many requests from this user are in progress",
              ErrorCode.RATE_LIMITED,
              1)
          .writeTo(response);
      return;
    }
    Request.addCompletionListener(
        ServletContextRequest.getServletContextRequest(request), _ -> requests.leave(key));
    chain.doFilter(request, response);
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return Handshakes.MATCHER.matches(request);
  }
}
