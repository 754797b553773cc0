package dev.parley.support;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tokens for tests, good and bad. */
public final class TestTokens {
  /** The secret that they are signed with. */
  public static final String SECRET = "a secret of more than thirty-two bytes";

  private TestTokens() {}

  public static String of(String user) {
    return with(user, claims -> {});
  }

  public static String with(String user, Consumer<JWTClaimsSet.Builder> more) {
    return signed(claims(user, more), SECRET);
  }

  public static String endingIn(long seconds) {
    return with(
        "ann", claims -> claims.expirationTime(Date.from(Instant.now().plusSeconds(seconds))));
  }

  public static JWTClaimsSet claims(String user, Consumer<JWTClaimsSet.Builder> more) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .subject(user)
            .expirationTime(Date.from(Instant.now().plusSeconds(3_600)));
    more.accept(claims);
    return claims.build();
  }

  public static String signed(JWTClaimsSet claims, String secret) {
    try {
      return signed(
          claims, JWSAlgorithm.HS256, new MACSigner(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String signed(JWTClaimsSet claims, JWSAlgorithm algorithm, JWSSigner signer) {
    try {
      SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A token of exactly these claims.
   *
   * @param type the header {@code typ}, null for none
   * @param claims in JSON
   */
  public static String verbatim(@Nullable String type, String claims) {
    try {
      JWSHeader header =
          new JWSHeader.Builder(JWSAlgorithm.HS256)
              .type(type == null ? null : new JOSEObjectType(type))
              .build();
      JWSObject token = new JWSObject(header, new Payload(claims));
      token.sign(new MACSigner(SECRET.getBytes(StandardCharsets.UTF_8)));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String unsigned(String user) {
    return new PlainJWT(claims(user, claims -> {})).serialize();
  }
}
