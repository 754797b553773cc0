package dev.parley.access.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jwt.JWTParser;
import dev.parley.access.AccessProperties;
import dev.parley.access.Identity;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
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
public final class Tokens {
  private final JwtDecoder decoder;
  private final Identities identities;
  private final Duration clockSkew;

  Tokens(ObjectProvider<JwtDecoder> decoder, Identities identities, AccessProperties properties) {
    this.decoder =
        decoder.getIfAvailable(() -> {
          throw TokenSettingsException.none();
        });
    this.identities = identities;
    this.clockSkew = properties.clockSkew();
  }

  /**
   * @throws InvalidTokenException if the token does not count
   * @throws KeysUnavailableException if the issuer's keys could not be fetched, or not since the
   *     token was issued
   */
  public Identity verify(String token) {
    return identities.of(decode(token));
  }

  private Jwt decode(String token) {
    String malformed = TokenTimes.malformedClaim(token);
    if (malformed != null) {
      throw new InvalidTokenException(
          "The token has a malformed claim: "
              + malformed
              + " (a time in seconds since 1970 is expected)");
    }
    try {
      return decoder.decode(token);
    } catch (JwtValidationException invalid) {
      throw new InvalidTokenException(reason(invalid));
    } catch (JwtException e) {
      if (e.getCause() instanceof RemoteKeys.UnknownKeyException unknown) {
        if (wasIssuedBefore(token, unknown.asked().minus(clockSkew))) {
          throw new InvalidTokenException("The token is invalid");
        }
        throw new KeysUnavailableException(true);
      }
      if (e.getCause() instanceof KeySourceException) {
        throw new KeysUnavailableException(false);
      }
      throw new InvalidTokenException("The token is invalid");
    }
  }

  /**
   * Whether the token itself says so. Whoever lies about it gets one refusal in place of the other.
   */
  private static boolean wasIssuedBefore(String token, Instant instant) {
    try {
      Date issued = JWTParser.parse(token).getJWTClaimsSet().getIssueTime();
      return issued != null && issued.toInstant().isBefore(instant);
    } catch (ParseException none) {
      return true;
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
      if (description != null && description.startsWith("the given typ value")) {
        return "The token is of another type (header typ) than JWT and at+jwt";
      }
    }
    return "The token is not meant for this service";
  }

  /**
   * Tokens cannot be told good from bad at present; answered with 503. Without a stack trace:
   * clients decide how often it is thrown.
   */
  public static final class KeysUnavailableException extends RuntimeException {
    private final boolean ofUnknownKey;

    KeysUnavailableException(boolean ofUnknownKey) {
      super("Tokens cannot be verified at present", null, false, false);
      this.ofUnknownKey = ofUnknownKey;
    }

    /** There are keys, and the token names another: a new one, or any that somebody made up. */
    public boolean isOfUnknownKey() {
      return ofUnknownKey;
    }
  }
}
