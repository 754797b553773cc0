package dev.parley.access.token;

import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.JwtClaimNames;

/**
 * Checks the times in a token (RFC 7519, section 2, "NumericDate") before anybody computes with
 * them. Nimbus multiplies them by a thousand unchecked, so a start in the far future can overflow
 * into one that is long past.
 */
final class TokenTimes {
  private static final List<String> CLAIMS =
      List.of(JwtClaimNames.EXP, JwtClaimNames.NBF, JwtClaimNames.IAT);

  /** The end of the year 9999. Milliseconds in place of seconds have been beyond it since 1978. */
  private static final double LATEST = 253_402_300_799d;

  private TokenTimes() {}

  /**
   * The name of a claim that is no time. Null if there is none, and for a token that cannot be read
   * at all, which the decoder refuses.
   */
  static @Nullable String malformedClaim(String token) {
    Map<String, Object> claims;
    try {
      claims = SignedJWT.parse(token).getPayload().toJSONObject();
    } catch (ParseException unreadable) {
      return null;
    }
    if (claims == null) {
      return null;
    }
    for (String name : CLAIMS) {
      Object value = claims.get(name);
      if (value != null && !isTime(value)) {
        return name;
      }
    }
    return null;
  }

  private static boolean isTime(Object value) {
    return value instanceof Number number
        && number.doubleValue() >= 0
        && number.doubleValue() <= LATEST;
  }
}
