package dev.parley.access.token;

import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;

/** Refuses tokens that would count for ever: whoever finds one has it for good. */
final class ExpiryValidator implements OAuth2TokenValidator<Jwt> {
  static final String MISSING = "Jwt without exp";

  private final boolean optional;

  ExpiryValidator(boolean optional) {
    this.optional = optional;
  }

  @Override
  public OAuth2TokenValidatorResult validate(Jwt token) {
    return optional || token.getExpiresAt() != null
        ? OAuth2TokenValidatorResult.success()
        : OAuth2TokenValidatorResult.failure(
            new OAuth2Error(OAuth2ErrorCodes.INVALID_TOKEN, MISSING, null));
  }
}
