package dev.parley.access.token;

import org.jspecify.annotations.Nullable;

/** The service must not start: it is not said which tokens to trust. */
public final class TokenSettingsException extends RuntimeException {

  private TokenSettingsException(String message) {
    super(message);
  }

  private TokenSettingsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public static TokenSettingsException none() {
    return new TokenSettingsException(
        "Parley does not know which tokens to trust: set parley.access.jwt-secret (at least 32"
            + " bytes) or one of spring.security.oauth2.resourceserver.jwt.public-key-location,"
            + " jwk-set-uri and issuer-uri, or start it with the profile dev to try it out.");
  }

  static TokenSettingsException both() {
    return new TokenSettingsException(
        "Parley is told twice which tokens to trust: set either parley.access.jwt-secret or"
            + " spring.security.oauth2.resourceserver.jwt.*, not both.");
  }

  static TokenSettingsException badPublicKey() {
    return new TokenSettingsException(
        "spring.security.oauth2.resourceserver.jwt.public-key-location must name a PEM file with"
            + " an RSA or EC public key (BEGIN PUBLIC KEY).");
  }

  /** Without the value: a URL may hold a password. */
  static TokenSettingsException badLocation(String setting, @Nullable Throwable cause) {
    return new TokenSettingsException(
        setting + " must be a URL such as https://login.example.org/realms/main.", cause);
  }

  static TokenSettingsException badAlgorithm(String name) {
    return new TokenSettingsException(
        "spring.security.oauth2.resourceserver.jwt.jws-algorithms has "
            + name
            + ", which is none of RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512.");
  }
}
