package dev.parley.access;

import com.nimbusds.jose.KeySourceException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.stereotype.Component;

/**
 * Verifies tokens. May wait {@link RemoteKeys#PATIENCE} for an issuer's keys, so never called on a
 * lane. What it says of a bad token is one of a few fixed sentences: the decoder's own may quote
 * the token.
 */
@Component
final class Tokens {
  private final JwtDecoder decoder;
  private final Identities identities;

  Tokens(ObjectProvider<JwtDecoder> decoder, Identities identities) {
    this.decoder =
        decoder.getIfAvailable(() -> {
          throw TokenSettingsException.none();
        });
    this.identities = identities;
  }

  /**
   * @throws InvalidTokenException where the token does not count
   * @throws KeysUnavailableException where the issuer's keys could not be fetched
   */
  Identity verify(String token) {
    return identities.of(decode(token));
  }

  private Jwt decode(String token) {
    try {
      return decoder.decode(token);
    } catch (JwtValidationException invalid) {
      throw new InvalidTokenException(reason(invalid));
    } catch (JwtException e) {
      if (e.getCause() instanceof KeySourceException) {
        throw new KeysUnavailableException();
      }
      throw new InvalidTokenException("The token is invalid");
    }
  }

  private static String reason(JwtValidationException invalid) {
    for (var error : invalid.getErrors()) {
      String description = error.getDescription();
      if (description != null && description.startsWith("Jwt expired")) {
        return "The token has expired";
      }
      if (description != null && description.startsWith("Jwt used before")) {
        return "The token is not valid yet";
      }
      if (ExpiryValidator.MISSING.equals(description)) {
        return "The token has no expiry (claim exp)";
      }
    }
    return "The token is not meant for this service";
  }

  /**
   * Tokens cannot be told good from bad at present; answered with 503. Without a stack trace:
   * clients decide how often it is thrown.
   */
  static final class KeysUnavailableException extends RuntimeException {
    KeysUnavailableException() {
      super("Tokens cannot be verified at present", null, false, false);
    }
  }
}
