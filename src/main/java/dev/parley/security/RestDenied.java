package dev.parley.security;

import dev.parley.protocol.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.InsufficientAuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.access.AccessDeniedHandler;

/**
 * Answers a request that its identity may not make: 403, and to a guest, who showed no token, 401
 * (RFC 6750, section 3.1). Where there is no such path, more rights would be of no use: 404.
 */
final class RestDenied implements AccessDeniedHandler {
  private final UnauthorizedEntryPoint unauthorized;
  private final UnknownPath unknown;

  RestDenied(UnauthorizedEntryPoint unauthorized, UnknownPath unknown) {
    this.unauthorized = unauthorized;
    this.unknown = unknown;
  }

  @Override
  public void handle(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException denied)
      throws IOException {
    if (SecurityContextHolder.getContext().getAuthentication()
            instanceof IdentityAuthentication user
        && user.identity().guest()) {
      unauthorized.commence(
          request, response, new InsufficientAuthenticationException("guest", denied));
      return;
    }
    if (!RestAccess.isKnown(request)) {
      unknown.handle(request, response, denied);
      return;
    }
    response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"");
    new Problem(
            HttpStatus.FORBIDDEN,
            "The token's scopes do not allow this request",
            ErrorCode.FORBIDDEN)
        .writeTo(response);
  }
}
