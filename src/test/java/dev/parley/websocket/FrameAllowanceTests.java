package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.access.MessageRateLimiter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FrameAllowanceTests {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** 50 messages a second, 100 at once. */
  private static final MessageRateLimiter.Rate MESSAGES =
      new MessageRateLimiter.Rate(SECOND / 50, 99 * SECOND / 50);

  private final FrameAllowance allowance = new FrameAllowance(FrameAllowance.Rate.of(MESSAGES));
  private long now = Long.MAX_VALUE - SECOND;

  @Test
  void aThousandAtOnceAndFiveHundredASecondAreAllowed() {
    assertThat(taken(0, 2_000)).isBetween(990, 1_001);
    now += SECOND;
    assertThat(taken(0, 2_000)).isBetween(499, 501);
  }

  @Test
  void whoSendsNoMoreThanTheRateIsNeverRefused() {
    for (int i = 0; i < 10_000; i++) {
      now += SECOND / 500;
      assertThat(allowance.take(0, now)).isTrue();
    }
  }

  @Test
  void aFrameCostsLessTheMoreItCarries() {
    assertThat(taken(FrameAllowance.FREE_BYTES / 2, 4_000)).isBetween(1_980, 2_002);
  }

  @Test
  void fragmentsOfSomeLengthCostNothing() {
    assertThat(taken(0, 2_000)).isLessThan(2_000);
    assertThat(allowance.take(FrameAllowance.FREE_BYTES)).isTrue();
    assertThat(allowance.take(64 * 1024)).isTrue();
  }

  @Test
  void moreMessagesMayHaveMoreFragments() {
    FrameAllowance fast =
        new FrameAllowance(
            FrameAllowance.Rate.of(
                new MessageRateLimiter.Rate(SECOND / 1_000, 1_999 * SECOND / 1_000)));
    int taken = 0;
    while (fast.take(0, now)) {
      taken++;
    }
    assertThat(taken).isBetween(19_900, 20_100);
  }

  @Test
  void fewMessagesMayHaveAsManyFragmentsAsUsual() {
    FrameAllowance slow =
        new FrameAllowance(FrameAllowance.Rate.of(new MessageRateLimiter.Rate(SECOND, 0)));
    for (int i = 0; i < 1_000; i++) {
      assertThat(slow.take(0, now)).isTrue();
    }
  }

  @Test
  void nothingIsRefusedWhereLimitsAreOff() {
    FrameAllowance unlimited =
        new FrameAllowance(FrameAllowance.Rate.of(new MessageRateLimiter.Rate(0, 0)));
    for (int i = 0; i < 100_000; i++) {
      assertThat(unlimited.take(0)).isTrue();
    }
  }

  private int taken(int size, int attempts) {
    int taken = 0;
    for (int i = 0; i < attempts; i++) {
      if (allowance.take(size, now)) {
        taken++;
      }
    }
    return taken;
  }
}
