package dev.parley.security;

import dev.parley.access.token.InvalidTokenException;
import dev.parley.protocol.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;

/** Answers 401: no token, or one that does not count (RFC 6750, section 3). */
final class UnauthorizedEntryPoint implements AuthenticationEntryPoint {

  @Override
  public void commence(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException reason)
      throws IOException {
    if (reason instanceof InvalidTokenException invalid) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
      new Problem(
              HttpStatus.UNAUTHORIZED,
              String.valueOf(invalid.getMessage()),
              ErrorCode.TOKEN_INVALID)
          .writeTo(response);
    } else {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      new Problem(HttpStatus.UNAUTHORIZED, "A token is required").writeTo(response);
    }
  }
}
