package dev.parley.security;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * {@code parley.http}: how long clients may take over a request, and how many requests and sockets
 * they may have at a time. A socket that was upgraded to a WebSocket counts in none of these.
 *
 * @param patience how long a request's head, its body, and the client's reading of the answer may
 *     each take, 100 ms to 10 min; prolonged by a second for every {@code minRate} bytes that came
 *     through
 * @param minRate bytes a second, 1 B to 1 GB
 * @param idleTimeout how long a socket may wait for the next request's first byte, 1 s to 10 min
 * @param connections sockets that the instance has at a time, 10–1,000,000; beyond them those that
 *     wait longest for a request are closed
 * @param connectionsPerAddress how many of them one address may have, 1–1,000,000; the same beyond
 *     them, and no more than are left for all others
 * @param requestsPerAddress requests of one address that are in progress at a time, handshakes
 *     aside, 1–1,000,000; beyond them 429
 * @param requestsPerUser requests of one user that are in progress at a time, 1–1,000,000; beyond
 *     them 429
 * @param batchMessages messages that one {@code POST /api/v1/messages} may carry, 1–10,000; beyond
 *     them 400
 * @param batchBytes size of its body, 1 KB to 64 MB, and at least that of one message; beyond it
 *     413
 */
@Validated
@ConfigurationProperties("parley.http")
public record HttpProperties(
    @DefaultValue("10s") Duration patience,
    @DefaultValue("1KB") DataSize minRate,
    @DefaultValue("30s") Duration idleTimeout,
    @DefaultValue("2000") @Min(10) @Max(MOST) int connections,
    @DefaultValue("500") @Min(1) @Max(MOST) int connectionsPerAddress,
    @DefaultValue("500") @Min(1) @Max(MOST) int requestsPerAddress,
    @DefaultValue("100") @Min(1) @Max(MOST) int requestsPerUser,
    @DefaultValue("1000") @Min(1) @Max(10_000) int batchMessages,
    @DefaultValue("1MB") DataSize batchBytes) {
  private static final int MOST = 1_000_000;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /**
   * @throws IllegalArgumentException if a duration, the rate or a size is out of its range
   */
  public HttpProperties {
    check("patience", patience, Duration.ofMillis(100), "100ms");
    check("idle-timeout", idleTimeout, Duration.ofSeconds(1), "1s");
    if (minRate.toBytes() < 1 || minRate.toGigabytes() > 1) {
      throw new IllegalArgumentException("parley.http.min-rate must be from 1B to 1GB");
    }
    if (batchBytes.toKilobytes() < 1 || batchBytes.compareTo(DataSize.ofMegabytes(64)) > 0) {
      throw new IllegalArgumentException("parley.http.batch-bytes must be from 1KB to 64MB");
    }
  }

  private static void check(String name, Duration value, Duration least, String text) {
    if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "parley.http.%s must be from %s to 10m".formatted(name, text));
    }
  }
}
