package dev.parley.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyedRateLimitTests {
  private final KeyedRateLimit rate = KeyedRateLimit.of(1, 10, 1_000);

  @Test
  void whatWasChargedHasToBeWaitedFor() {
    rate.charge("ann", 110);
    assertThat(rate.secondsToWait("ann")).isBetween(95L, 101L);
    assertThat(rate.tryAcquire("ann")).isPositive();
    assertThat(rate.tryAcquire("ben")).isZero();
  }

  @Test
  void noMoreIsOwedThanTheBucketIsRememberedFor() {
    for (int i = 0; i < 5; i++) {
      rate.charge("ann", 800);
    }
    assertThat(rate.secondsToWait("ann")).isBetween(990L, 1_001L);
  }
}
