package dev.parley.security;

import dev.parley.access.Identity;
import dev.parley.access.KeyedRateLimit;
import dev.parley.access.token.Identities;
import dev.parley.access.token.InvalidTokenException;
import dev.parley.access.token.Tokens;
import dev.parley.access.token.Tokens.KeysUnavailableException;
import dev.parley.protocol.ErrorCode;
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
 * Turns the request's token into its identity, and a request without any token into a guest if
 * guests are let in. Not Spring's {@code BearerTokenAuthenticationFilter}: that hands the token
 * around as a principal, which logs and events print.
 *
 * <p>An address whose tokens keep being bad is refused for a while before they are verified, which
 * is what costs. A token whose key is not known counts as bad there, whichever answer it gets.
 */
final class TokenFilter extends OncePerRequestFilter {
  private static final long KEYS_RETRY_SECONDS = 5;

  private final Tokens tokens;
  private final Identities identities;
  private final boolean anonymous;
  private final UnauthorizedEntryPoint unauthorized;
  private final KeyedRateLimit badTokens;

  TokenFilter(
      Tokens tokens,
      Identities identities,
      boolean anonymous,
      UnauthorizedEntryPoint unauthorized,
      KeyedRateLimit badTokens) {
    this.tokens = tokens;
    this.identities = identities;
    this.anonymous = anonymous;
    this.unauthorized = unauthorized;
    this.badTokens = badTokens;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String token = TokenStrippingFilter.take(request);
    // Handshakes, good or bad, have the same limit in front of this filter.
    String address =
        token == null || Handshakes.MATCHER.matches(request) ? null : ClientAddress.of(request);
    long wait = address == null ? 0 : badTokens.secondsToWait(address);
    if (wait > 0) {
      new Problem(
              HttpStatus.TOO_MANY_REQUESTS,
              "Too many bad tokens from this address",
              ErrorCode.RATE_LIMITED,
              wait)
          .writeTo(response);
      return;
    }
    Identity identity;
    try {
      identity = identify(token);
    } catch (InvalidTokenException invalid) {
      if (address != null) {
        badTokens.tryAcquire(address);
      }
      unauthorized.commence(request, response, invalid);
      return;
    } catch (KeysUnavailableException unavailable) {
      if (address != null && unavailable.isOfUnknownKey()) {
        badTokens.tryAcquire(address);
      }
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
