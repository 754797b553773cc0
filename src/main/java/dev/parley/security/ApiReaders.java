package dev.parley.security;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

/** Who may read what REST looks like: everybody with a token, under dev guests too. */
final class ApiReaders implements AuthorizationManager<RequestAuthorizationContext> {
  private final boolean guests;

  ApiReaders(boolean guests) {
    this.guests = guests;
  }

  @Override
  public AuthorizationDecision authorize(
      Supplier<? extends @Nullable Authentication> authentication,
      RequestAuthorizationContext context) {
    return new AuthorizationDecision(
        authentication.get() instanceof IdentityAuthentication user
            && (guests || !user.identity().guest()));
  }
}
