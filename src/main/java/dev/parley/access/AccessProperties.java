package dev.parley.access;

import jakarta.validation.constraints.AssertTrue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * {@code parley.access}: which tokens count, who is let in without one, and who may do what in
 * which room.
 *
 * @param jwtSecret key of HS256 tokens, at least 32 bytes of UTF-8; null if tokens are verified by
 *     {@code spring.security.oauth2.resourceserver.jwt.*}
 * @param audience a token must name at least one of these in {@code aud}; none: not asked
 * @param clockSkew how long after {@code exp} and before {@code nbf} a token still counts, at the
 *     handshake and on open connections alike; 0 or more
 * @param tokensWithoutExpiry whether a token without {@code exp} counts, for ever
 * @param anonymous whether a handshake without any token is let in as a guest
 * @param allowedOrigins origins beside the service's own, such as {@code https://example.org},
 *     {@code http://localhost:*}, {@code capacitor://localhost} (an app), {@code null} (a page from
 *     a file) or {@code *} (any)
 * @param hosts names, without a port, by which clients reach the service, beside {@code localhost}
 *     and loopback addresses: a request for another one is answered with 421. None: any name
 *     counts, but under profile {@code dev}
 * @param defaultPolicy for rooms that no policy names
 * @param policies the first whose pattern matches the room decides
 */
@Validated
@ConfigurationProperties("parley.access")
public record AccessProperties(
    @Nullable String jwtSecret,
    @DefaultValue List<String> audience,
    @DefaultValue("60s") Duration clockSkew,
    @DefaultValue("false") boolean tokensWithoutExpiry,
    @DefaultValue("false") boolean anonymous,
    @DefaultValue List<OriginPattern> allowedOrigins,
    @DefaultValue List<String> hosts,
    @DefaultValue("claim") Allow defaultPolicy,
    @DefaultValue List<PolicyProperties> policies) {
  private static final int MIN_SECRET_BYTES = 32;

  public AccessProperties {
    audience = List.copyOf(audience);
    allowedOrigins = List.copyOf(allowedOrigins);
    hosts = List.copyOf(hosts);
    policies = List.copyOf(policies);
    for (int i = 0; i < policies.size(); i++) {
      policies.get(i).check("parley.access.policies[%d]".formatted(i));
    }
  }

  /** Who gets all four permissions in a policy's rooms. */
  public enum Allow {
    /** Nobody by the policy itself: the token's claim {@code rooms} decides. */
    CLAIM,
    /** Everyone with a token. */
    AUTHENTICATED,
    /** Everyone, guests too. */
    ANONYMOUS
  }

  // A method of its own: a constraint on the component would print the secret when it fails.
  @AssertTrue(message = "parley.access.jwt-secret must have at least 32 bytes")
  boolean isJwtSecretLongEnough() {
    return jwtSecret == null
        || jwtSecret.getBytes(StandardCharsets.UTF_8).length >= MIN_SECRET_BYTES;
  }

  @AssertTrue(message = "parley.access.clock-skew must not be negative")
  boolean isClockSkewUsable() {
    return !clockSkew.isNegative();
  }

  /** Says whether there is a secret, never what it is. */
  @Override
  public String toString() {
    return "AccessProperties[jwtSecret=%s, audience=%s, clockSkew=%s, tokensWithoutExpiry=%s, anonymous=%s, allowedOrigins=%s, hosts=%s, defaultPolicy=%s, policies=%s]"
        .formatted(
            jwtSecret == null ? "none" : "***",
            audience,
            clockSkew,
            tokensWithoutExpiry,
            anonymous,
            allowedOrigins,
            hosts,
            defaultPolicy,
            policies);
  }
}
