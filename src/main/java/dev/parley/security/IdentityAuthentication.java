package dev.parley.security;

import dev.parley.access.Identity;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/**
 * A request's identity as Spring Security carries it: authorities are {@code SCOPE_<scope>}. It
 * never held the token, so there is nothing to erase.
 */
public final class IdentityAuthentication extends AbstractAuthenticationToken {
  private final transient Identity identity;

  public IdentityAuthentication(Identity identity) {
    super(authorities(identity));
    this.identity = identity;
    setAuthenticated(true);
  }

  public Identity identity() {
    return identity;
  }

  @Override
  public Identity getPrincipal() {
    return identity;
  }

  @Override
  public String getCredentials() {
    return "";
  }

  @Override
  public String getName() {
    return identity.user().value();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IdentityAuthentication that && identity.equals(that.identity);
  }

  @Override
  public int hashCode() {
    return identity.hashCode();
  }

  private static Collection<GrantedAuthority> authorities(Identity identity) {
    return identity.scopes().stream()
        .<GrantedAuthority>map(scope -> new SimpleGrantedAuthority("SCOPE_" + scope))
        .toList();
  }
}
