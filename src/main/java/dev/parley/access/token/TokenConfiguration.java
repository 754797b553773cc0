package dev.parley.access.token;

import dev.parley.access.AccessProperties;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.core.io.Resource;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Decides which tokens are accepted, by our settings and by Boot's own ones. The decoders are ours:
 * Boot's do not read EC keys from files, and fetch an issuer's keys on the caller's thread, for
 * every token with an unknown key. Every decoder names the algorithms that it accepts, so a token
 * with {@code none}, or with a MAC made with a public key, is refused.
 */
@Configuration(proxyBeanMethods = false)
public class TokenConfiguration {
  private static final String BOOTS = "spring.security.oauth2.resourceserver.jwt.";
  private static final int SECRET_BYTES = 32;

  /** The secret that tokens are signed with: the configured one, or under dev a throw-away one. */
  record SharedSecret(SecretKey key) {}

  @Bean
  @Conditional(OnSharedSecret.class)
  SharedSecret sharedSecret(AccessProperties properties, Environment environment) {
    String secret = properties.jwtSecret();
    if (secret != null && OnSharedSecret.bootKnowsKeys(environment)) {
      throw TokenSettingsException.both();
    }
    byte[] bytes = secret == null ? random() : secret.getBytes(StandardCharsets.UTF_8);
    return new SharedSecret(new SecretKeySpec(bytes, "HmacSHA256"));
  }

  @Bean
  @Conditional(OnSharedSecret.class)
  JwtDecoder sharedSecretDecoder(SharedSecret secret, List<OAuth2TokenValidator<Jwt>> validators) {
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withSecretKey(secret.key()).macAlgorithm(MacAlgorithm.HS256).build();
    decoder.setJwtValidator(JwtValidators.createDefaultWithValidators(validators));
    return decoder;
  }

  @Bean
  @ConditionalOnProperty(BOOTS + "public-key-location")
  JwtDecoder publicKeyDecoder(
      OAuth2ResourceServerProperties properties, List<OAuth2TokenValidator<Jwt>> validators) {
    OAuth2ResourceServerProperties.Jwt jwt = properties.getJwt();
    Resource location = jwt.getPublicKeyLocation();
    if (location == null) {
      throw TokenSettingsException.badPublicKey();
    }
    NimbusJwtDecoder decoder = PublicKeys.decoder(location, jwt.getJwsAlgorithms());
    decoder.setJwtValidator(validator(jwt, validators));
    return decoder;
  }

  @Bean
  @Conditional(OnRemoteKeys.class)
  RemoteKeys remoteKeys(OAuth2ResourceServerProperties properties) {
    OAuth2ResourceServerProperties.Jwt jwt = properties.getJwt();
    KeyServer server = new KeyServer();
    String keys = jwt.getJwkSetUri();
    if (keys != null) {
      URI location = location(BOOTS + "jwk-set-uri", keys);
      return new RemoteKeys(
          KeyServer.shown(location), BOOTS + "jwk-set-uri", () -> server.keys(location), server);
    }
    String issuer = Objects.requireNonNull(jwt.getIssuerUri());
    return new RemoteKeys(
        KeyServer.shown(location(BOOTS + "issuer-uri", issuer)),
        BOOTS + "issuer-uri",
        () -> server.keysOfIssuer(issuer),
        server);
  }

  private static URI location(String setting, String value) {
    try {
      URI location = new URI(value);
      String scheme = String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
      if (location.getHost() != null && (scheme.equals("https") || scheme.equals("http"))) {
        return location;
      }
    } catch (URISyntaxException malformed) {
      throw TokenSettingsException.badLocation(setting, malformed);
    }
    throw TokenSettingsException.badLocation(setting, null);
  }

  @Bean
  @ConditionalOnBean(RemoteKeys.class)
  JwtDecoder remoteKeysDecoder(
      RemoteKeys keys,
      OAuth2ResourceServerProperties properties,
      List<OAuth2TokenValidator<Jwt>> validators) {
    OAuth2ResourceServerProperties.Jwt jwt = properties.getJwt();
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSource(keys)
            .jwsAlgorithms(accepted ->
                accepted.addAll(
                    jwt.getJwkSetUri() == null
                        // An issuer's keys say themselves what they are for.
                        ? List.of(SignatureAlgorithm.values())
                        : PublicKeys.algorithms(jwt.getJwsAlgorithms())))
            .build();
    decoder.setJwtValidator(validator(jwt, validators));
    return decoder;
  }

  @Bean
  OAuth2TokenValidator<Jwt> expiryValidator(AccessProperties properties) {
    return new ExpiryValidator(properties.tokensWithoutExpiry());
  }

  @Bean
  OAuth2TokenValidator<Jwt> timestampValidator(AccessProperties properties) {
    return new JwtTimestampValidator(properties.clockSkew());
  }

  /**
   * Plain tokens, and access tokens as RFC 9068 types them. A media type may be written without
   * {@code application/} (RFC 7515, section 4.1.9). Other types say that a token is meant for
   * something else, such as a logout.
   */
  @Bean
  OAuth2TokenValidator<Jwt> typeValidator() {
    JwtTypeValidator validator =
        new JwtTypeValidator("JWT", "application/jwt", "at+jwt", "application/at+jwt");
    validator.setAllowEmpty(true);
    return validator;
  }

  @Bean
  OAuth2TokenValidator<Jwt> audienceValidator(AccessProperties properties) {
    return audience(properties.audience());
  }

  @Bean
  @Profile("dev")
  @ConditionalOnBean(SharedSecret.class)
  DevTokens devTokens(SharedSecret secret, AccessProperties properties) {
    return new DevTokens(secret.key(), properties.audience());
  }

  /** Ours, and what Boot's own settings ask for. */
  private static OAuth2TokenValidator<Jwt> validator(
      OAuth2ResourceServerProperties.Jwt jwt, List<OAuth2TokenValidator<Jwt>> validators) {
    List<OAuth2TokenValidator<Jwt>> all = new ArrayList<>(validators);
    if (jwt.getIssuerUri() != null) {
      all.add(new JwtIssuerValidator(jwt.getIssuerUri()));
    }
    if (!jwt.getAudiences().isEmpty()) {
      all.add(audience(jwt.getAudiences()));
    }
    return JwtValidators.createDefaultWithValidators(all);
  }

  private static OAuth2TokenValidator<Jwt> audience(List<String> accepted) {
    if (accepted.isEmpty()) {
      // Not a claim validator that says yes: those refuse tokens without the claim.
      return token -> OAuth2TokenValidatorResult.success();
    }
    return new JwtClaimValidator<@Nullable Object>(
        JwtClaimNames.AUD,
        claim -> claim instanceof List<?> named && !Collections.disjoint(named, accepted));
  }

  private static byte[] random() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** Keys are fetched from elsewhere. */
  static final class OnRemoteKeys implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      Environment environment = context.getEnvironment();
      return !environment.containsProperty("parley.access.jwt-secret")
          && !environment.containsProperty(BOOTS + "public-key-location")
          && (environment.containsProperty(BOOTS + "jwk-set-uri")
              || environment.containsProperty(BOOTS + "issuer-uri"));
    }
  }

  /** A secret is configured, or it is dev and no other keys are. */
  static final class OnSharedSecret implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      Environment environment = context.getEnvironment();
      return environment.containsProperty("parley.access.jwt-secret")
          || (environment.acceptsProfiles(Profiles.of("dev")) && !bootKnowsKeys(environment));
    }

    static boolean bootKnowsKeys(Environment environment) {
      return environment.containsProperty(BOOTS + "public-key-location")
          || environment.containsProperty(BOOTS + "jwk-set-uri")
          || environment.containsProperty(BOOTS + "issuer-uri");
    }
  }
}
