package dev.parley.access;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Which tokens count. A shared secret and a public key of either kind are ours to decode with; key
 * sets and issuers are Boot's, which takes the validators from here. Every decoder names the
 * algorithms it takes, so {@code none}, or a MAC made with a public key, is nobody's.
 */
@Configuration(proxyBeanMethods = false)
class TokenConfiguration {
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
    List<OAuth2TokenValidator<Jwt>> all = new ArrayList<>(validators);
    if (jwt.getIssuerUri() != null) {
      all.add(new JwtIssuerValidator(jwt.getIssuerUri()));
    }
    if (!jwt.getAudiences().isEmpty()) {
      all.add(audience(jwt.getAudiences()));
    }
    NimbusJwtDecoder decoder = PublicKeys.decoder(location, jwt.getJwsAlgorithms());
    decoder.setJwtValidator(JwtValidators.createDefaultWithValidators(all));
    return decoder;
  }

  @Bean
  OAuth2TokenValidator<Jwt> timestampValidator(AccessProperties properties) {
    return new JwtTimestampValidator(properties.clockSkew());
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
