package dev.parley.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageRateLimiterTests {
  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, 1L << 60, -(1L << 60)})
  void allowsTheBurstAndThenTheRateWhereverTheClockBegins(long now) {
    MessageRateLimiter gcra = MessageRateLimiter.of(Access.limits(10, 5));
    for (int i = 0; i < 5; i++) {
      assertThat(gcra.tryAcquire(now)).isZero();
    }
    assertThat(gcra.tryAcquire(now)).isEqualTo(INTERVAL);
    assertThat(gcra.tryAcquire(now + INTERVAL - 1)).isEqualTo(1);
    assertThat(gcra.tryAcquire(now + INTERVAL)).isZero();
    assertThat(gcra.tryAcquire(now + INTERVAL)).isEqualTo(INTERVAL);
  }

  @Test
  void aBurstOfOneAllowsOneAtATime() {
    MessageRateLimiter gcra = MessageRateLimiter.of(Access.limits(10, 1));
    assertThat(gcra.tryAcquire(7)).isZero();
    assertThat(gcra.tryAcquire(7)).isEqualTo(INTERVAL);
    assertThat(gcra.tryAcquire(7 + INTERVAL)).isZero();
  }

  @Test
  void whatIsChargedHasToBeWaitedFor() {
    MessageRateLimiter gcra = MessageRateLimiter.of(Access.limits(10, 5));
    gcra.charge(8, 7);
    assertThat(gcra.tryAcquire(7)).isEqualTo(4 * INTERVAL);
    assertThat(gcra.tryAcquire(7 + 4 * INTERVAL)).isZero();
    gcra.charge(1_000_000, 7 + 4 * INTERVAL);
    assertThat(gcra.tryAcquire(7 + 37 * INTERVAL)).isZero();
    MessageRateLimiter none = new MessageRateLimiter(MessageRateLimiter.Rate.UNLIMITED);
    none.charge(8, 7);
    assertThat(none.tryAcquire(7)).isZero();
  }

  @Test
  void theBurstIsBackAfterAPause() {
    MessageRateLimiter gcra = MessageRateLimiter.of(Access.limits(10, 5));
    for (int i = 0; i < 6; i++) {
      gcra.tryAcquire(0);
    }
    for (int i = 0; i < 5; i++) {
      assertThat(gcra.tryAcquire(100 * INTERVAL)).isZero();
    }
    assertThat(gcra.tryAcquire(100 * INTERVAL)).isPositive();
  }

  @Test
  void aHundredRefusalsWithinTenSecondsAreAFlood() {
    MessageRateLimiter gcra = MessageRateLimiter.of(Access.limits(1, 1));
    gcra.tryAcquire(0);
    for (int i = 0; i < 99; i++) {
      gcra.tryAcquire(0);
    }
    assertThat(gcra.isFlooding(0)).isFalse();
    gcra.tryAcquire(1);
    assertThat(gcra.isFlooding(1)).isTrue();
  }

  @Test
  void refusalsThatAreSpreadOverMoreThanTenSecondsAreNoFlood() {
    MessageRateLimiter gcra = MessageRateLimiter.of(Access.limits(1_000, 1));
    long now = 0;
    for (int i = 0; i < 1_000; i++) {
      now += TimeUnit.MILLISECONDS.toNanos(110);
      gcra.tryAcquire(now);
      gcra.tryAcquire(now);
      assertThat(gcra.isFlooding(now)).isFalse();
    }
  }

  @Test
  void nothingIsLimitedWhereLimitsAreOff() {
    MessageRateLimiter gcra =
        MessageRateLimiter.of(new LimitsProperties(false, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, null));
    for (int i = 0; i < 1_000; i++) {
      assertThat(gcra.tryAcquire(0)).isZero();
    }
    assertThat(gcra.isFlooding(0)).isFalse();
  }
}
