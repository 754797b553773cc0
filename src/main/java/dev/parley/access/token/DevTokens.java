package dev.parley.access.token;

import dev.parley.access.Permission;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;

/**
 * Issues tokens to whoever asks, for anyone, with every permission in every shared room. Exists
 * under profile {@code dev} only.
 */
public final class DevTokens {
  private static final Logger log = LoggerFactory.getLogger(DevTokens.class);
  private static final List<String> ALL_PERMISSIONS =
      Arrays.stream(Permission.values()).map(p -> p.name().toLowerCase(Locale.ROOT)).toList();

  private final JwtEncoder encoder;
  private final List<String> audience;

  DevTokens(SecretKey key, List<String> audience) {
    this.encoder = NimbusJwtEncoder.withSecretKey(key).algorithm(MacAlgorithm.HS256).build();
    this.audience = audience;
  }

  /**
   * @param expiresAt Unix milliseconds, on a whole second as the claim {@code exp}
   */
  public record Issued(String token, long expiresAt) {

    /** Without the token. */
    @Override
    public String toString() {
      return "Issued[expiresAt=" + expiresAt + "]";
    }
  }

  public Issued issue(
      UserId user, @Nullable String name, @Nullable String scope, Duration timeToLive) {
    Instant now = Instant.now();
    // Rounded up: a token of a fraction of a second would be born expired.
    Instant expiresAt = now.plus(timeToLive).plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
    JwtClaimsSet.Builder claims =
        JwtClaimsSet.builder()
            .subject(user.value())
            .issuedAt(now)
            .expiresAt(expiresAt)
            .claim("rooms", Map.of("*", ALL_PERMISSIONS));
    if (name != null) {
      claims.claim("name", name);
    }
    if (scope != null) {
      claims.claim("scope", scope);
    }
    if (!audience.isEmpty()) {
      claims.audience(audience);
    }
    String token =
        encoder
            .encode(
                JwtEncoderParameters.from(
                    JwsHeader.with(MacAlgorithm.HS256).build(), claims.build()))
            .getTokenValue();
    return new Issued(token, expiresAt.toEpochMilli());
  }

  @EventListener(ApplicationReadyEvent.class)
  @Order(0)
  void warn() {
    log.warn(
        "PROFILE dev: anybody who reaches this port gets a token for any user (/dev/token), and"
            + " guests may do everything. Never run this profile where others can connect.");
  }
}
