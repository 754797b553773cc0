package dev.parley.access.token;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.Resource;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Decoders for a public key in a PEM file (RFC 7468), RSA or EC; Boot's own knows RSA only. */
final class PublicKeys {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");

  private PublicKeys() {}

  /**
   * @param algorithms Boot's {@code jws-algorithms}, used for RSA; an EC key's curve names its own
   * @throws TokenSettingsException if the file holds no such key
   */
  static NimbusJwtDecoder decoder(Resource location, List<String> algorithms) {
    return switch (read(location)) {
      case RSAPublicKey rsa -> decoder(new RSAKey.Builder(rsa).build(), algorithms(algorithms));
      case ECPublicKey ec -> {
        Curve curve = Curve.forECParameterSpec(ec.getParams());
        yield decoder(new ECKey.Builder(curve, ec).build(), List.of(algorithm(curve)));
      }
      default -> throw TokenSettingsException.badPublicKey();
    };
  }

  /**
   * Boot's {@code jws-algorithms}.
   *
   * @throws TokenSettingsException if one of them is unknown
   */
  static List<SignatureAlgorithm> algorithms(List<String> names) {
    return names.stream().map(PublicKeys::algorithm).toList();
  }

  private static NimbusJwtDecoder decoder(JWK key, List<SignatureAlgorithm> algorithms) {
    return NimbusJwtDecoder.withJwkSource(new ImmutableJWKSet<>(new JWKSet(key)))
        .jwsAlgorithms(accepted -> accepted.addAll(algorithms))
        .build();
  }

  private static SignatureAlgorithm algorithm(Curve curve) {
    if (curve.equals(Curve.P_384)) {
      return SignatureAlgorithm.ES384;
    }
    return curve.equals(Curve.P_521) ? SignatureAlgorithm.ES512 : SignatureAlgorithm.ES256;
  }

  private static SignatureAlgorithm algorithm(String name) {
    SignatureAlgorithm algorithm = SignatureAlgorithm.from(name);
    if (algorithm == null) {
      throw TokenSettingsException.badAlgorithm(name);
    }
    return algorithm;
  }

  private static PublicKey read(Resource location) {
    try {
      Matcher pem = PEM.matcher(location.getContentAsString(StandardCharsets.US_ASCII));
      if (!pem.find()) {
        throw TokenSettingsException.badPublicKey();
      }
      byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
      X509EncodedKeySpec spec = new X509EncodedKeySpec(encoded);
      try {
        return KeyFactory.getInstance("RSA").generatePublic(spec);
      } catch (GeneralSecurityException notRsa) {
        return KeyFactory.getInstance("EC").generatePublic(spec);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw TokenSettingsException.badPublicKey();
    }
  }
}
