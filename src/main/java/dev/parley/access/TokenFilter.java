package dev.parley.access;

import dev.parley.access.Tokens.KeysUnavailableException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Turns the request's token into its identity, and a request without any token into a guest where
 * guests are let in. Not Spring's {@code BearerTokenAuthenticationFilter}: that hands the token
 * around as a principal, which logs and events print.
 */
final class TokenFilter extends OncePerRequestFilter {
  private static final long KEYS_RETRY_SECONDS = 5;

  private final Tokens tokens;
  private final Identities identities;
  private final boolean anonymous;
  private final UnauthorizedEntryPoint unauthorized;

  TokenFilter(
      Tokens tokens,
      Identities identities,
      boolean anonymous,
      UnauthorizedEntryPoint unauthorized) {
    this.tokens = tokens;
    this.identities = identities;
    this.anonymous = anonymous;
    this.unauthorized = unauthorized;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Identity identity;
    try {
      identity = identify(TokenShield.take(request));
    } catch (InvalidTokenException invalid) {
      unauthorized.commence(request, response, invalid);
      return;
    } catch (KeysUnavailableException unavailable) {
      new Problem(
              HttpStatus.SERVICE_UNAVAILABLE,
              String.valueOf(unavailable.getMessage()),
              null,
              KEYS_RETRY_SECONDS)
          .writeTo(response);
      return;
    }
    if (identity != null) {
      SecurityContextHolder.setContext(
          new SecurityContextImpl(new IdentityAuthentication(identity)));
    }
    chain.doFilter(request, response);
  }

  private @Nullable Identity identify(@Nullable String token) {
    if (token != null) {
      return tokens.verify(token);
    }
    return anonymous ? identities.guest() : null;
  }
}
