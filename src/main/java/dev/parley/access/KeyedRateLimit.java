package dev.parley.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How often one user or address may ask on this instance: a token bucket a key, forgotten once it
 * must be full again. Thread-safe, without locks; at most {@value #MAX_KEYS} keys, beyond which
 * those that ask least are forgotten first.
 */
public final class KeyedRateLimit {
  private static final int MAX_KEYS = 100_000;

  /** So many requests may be {@linkplain #charge charged} beyond what is allowed. */
  private static final int MOST_OWED = 1_000;

  private final @Nullable LoadingCache<String, Bucket> buckets;

  private final int mostOwed;

  private KeyedRateLimit(@Nullable LoadingCache<String, Bucket> buckets, int mostOwed) {
    this.buckets = buckets;
    this.mostOwed = mostOwed;
  }

  private static KeyedRateLimit unlimited() {
    return new KeyedRateLimit(null, 0);
  }

  /**
   * @param mostOwed so many may be charged beyond what is allowed; a bucket is remembered until
   *     they are paid
   */
  static KeyedRateLimit of(int perSecond, int burst, int mostOwed) {
    Duration refill = Duration.ofSeconds(1 + (burst + mostOwed) / perSecond);
    return new KeyedRateLimit(
        Caffeine.newBuilder()
            .maximumSize(MAX_KEYS)
            .expireAfterAccess(refill)
            .build(key ->
                Bucket.builder()
                    .addLimit(limit ->
                        limit.capacity(burst).refillGreedy(perSecond, Duration.ofSeconds(1)))
                    .build()),
        mostOwed);
  }

  /** Handshakes of an address. */
  public static KeyedRateLimit handshakes(LimitsProperties limits) {
    return limits.enabled()
        ? of(limits.handshakesPerSecond(), limits.handshakeBurst(), 0)
        : unlimited();
  }

  /** Tokens of an address that did not count, at the rate of its handshakes. */
  public static KeyedRateLimit badTokens(LimitsProperties limits) {
    return handshakes(limits);
  }

  /** Rooms that a user, or an address, has an instance open. */
  public static KeyedRateLimit newRooms(LimitsProperties limits) {
    return limits.enabled()
        ? of(limits.newRoomsPerSecond(), limits.newRoomBurst(), 0)
        : unlimited();
  }

  /** Rooms that a server has an instance open, at the rate of its requests. */
  public static KeyedRateLimit serversNewRooms(LimitsProperties limits) {
    return serversRequests(limits);
  }

  /** Requests of a server. */
  public static KeyedRateLimit serversRequests(LimitsProperties limits) {
    return limits.enabled()
        ? of(limits.serverRequestsPerSecond(), limits.serverRequestBurst(), MOST_OWED)
        : unlimited();
  }

  /** Requests of a user, at the rate of a connection's messages. */
  public static KeyedRateLimit requests(LimitsProperties limits) {
    return limits.enabled()
        ? of(limits.messagesPerSecond(), limits.burst(), MOST_OWED)
        : unlimited();
  }

  /** 0 if it is allowed, and counted; else the whole seconds to wait, at least 1. */
  public long tryAcquire(String key) {
    if (buckets == null) {
      return 0;
    }
    ConsumptionProbe probe = buckets.get(key).tryConsumeAndReturnRemaining(1);
    return probe.isConsumed() ? 0 : wholeSeconds(probe.getNanosToWaitForRefill());
  }

  /** As many as are allowed, up to that number; these are counted. */
  public int tryAcquireUpTo(String key, int most) {
    return buckets == null || most == 0
        ? most
        : (int) buckets.get(key).tryConsumeAsMuchAsPossible(most);
  }

  /**
   * Counts so many besides, for what one that was allowed has cost: others wait for them. What is
   * beyond the most that may be owed is not counted.
   */
  public void charge(String key, int count) {
    if (buckets == null || count <= 0) {
      return;
    }
    Bucket bucket = buckets.get(key);
    long counted = Math.min(count, bucket.getAvailableTokens() + mostOwed);
    if (counted > 0) {
      bucket.consumeIgnoringRateLimits(counted);
    }
  }

  /** What {@link #tryAcquire} would answer, without counting. */
  public long secondsToWait(String key) {
    Bucket bucket = buckets == null ? null : buckets.getIfPresent(key);
    if (bucket == null) {
      return 0;
    }
    EstimationProbe probe = bucket.estimateAbilityToConsume(1);
    return probe.canBeConsumed() ? 0 : wholeSeconds(probe.getNanosToWaitForRefill());
  }

  private static long wholeSeconds(long nanos) {
    return 1 + TimeUnit.NANOSECONDS.toSeconds(nanos - 1);
  }
}
