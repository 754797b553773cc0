package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.redis.InstanceLease.Beat;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InstanceLeaseTests {
  private static final Incarnation FIRST = new Incarnation("first");

  private final InstanceLease lease = new InstanceLease(FIRST);
  private long now = Long.MAX_VALUE - 1;

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private Beat due() {
    return Objects.requireNonNull(lease.due(now));
  }

  private void take() {
    assertThat(lease.confirmed(due(), now)).isTrue();
  }

  @Test
  void isHeldFromTheFirstConfirmedBeatOn() {
    Beat beat = due();
    assertThat(beat.incarnation()).isEqualTo(FIRST);
    assertThat(beat.first()).isTrue();
    assertThat(lease.current(now)).isNull();

    assertThat(lease.confirmed(beat, now)).isTrue();

    assertThat(lease.current(now)).isEqualTo(FIRST);
    assertThat(lease.takeFormer()).isEmpty();
  }

  @Test
  void beatIsDueEveryTwoSeconds() {
    take();
    pass(1_900);
    assertThat(lease.due(now)).isNull();
    pass(100);

    Beat second = due();

    assertThat(second.first()).isFalse();
    assertThat(lease.confirmed(second, now)).isFalse();
    assertThat(lease.due(now)).isNull();
  }

  @Test
  void beatWithoutAnAnswerIsFollowedByTheNextAtOnce() {
    take();
    pass(2_000);
    Beat unanswered = due();
    pass(500);
    assertThat(lease.due(now)).isNull();

    lease.failed(unanswered);

    assertThat(due().sentAt()).isEqualTo(now);
  }

  @Test
  void firstBeatIsRepeatedUnderTheSameNameUntilItIsAnswered() {
    Beat unanswered = due();
    pass(500);

    Beat again = due();

    assertThat(again.incarnation()).isEqualTo(unanswered.incarnation());
    assertThat(again.first()).isTrue();
  }

  @Test
  void runsOutEightSecondsAfterTheLastConfirmedBeatWasSent() {
    take();
    pass(2_000);
    Beat slow = due();
    pass(1_500);
    lease.confirmed(slow, now);
    pass(6_500);
    assertThat(lease.current(now)).isEqualTo(FIRST);
    assertThat(lease.isExpired(now)).isFalse();
    pass(1);

    assertThat(lease.current(now)).isNull();
    assertThat(lease.isExpired(now)).isTrue();
  }

  @Test
  void lateConfirmationDoesNotBringItBack() {
    take();
    pass(7_900);
    Beat late = due();
    pass(200);

    lease.confirmed(late, now);

    assertThat(lease.current(now)).isNull();
    assertThat(lease.isExpired(now)).isTrue();
  }

  @Test
  void nextOneIsOfAnotherIncarnation() {
    take();
    assertThat(lease.lose()).isTrue();
    assertThat(lease.current(now)).isNull();

    Beat beat = due();
    assertThat(beat.first()).isTrue();
    assertThat(beat.incarnation()).isNotEqualTo(FIRST);
    assertThat(lease.confirmed(beat, now)).isTrue();

    assertThat(lease.current(now)).isEqualTo(beat.incarnation());
    assertThat(lease.takeFormer()).containsExactly(FIRST);
    assertThat(lease.takeFormer()).isEmpty();
  }

  @Test
  void isLostWhenRedisDoesNotKnowTheIncarnation() {
    take();
    pass(2_000);

    assertThat(lease.denied(due())).isTrue();

    assertThat(lease.current(now)).isNull();
    assertThat(due().incarnation()).isNotEqualTo(FIRST);
  }

  @Test
  void deniedFirstBeatLosesNothingAndIsTriedUnderAnotherName() {
    assertThat(lease.denied(due())).isFalse();

    assertThat(due().incarnation()).isNotEqualTo(FIRST);
    take();
    assertThat(lease.takeFormer()).isEmpty();
  }

  @Test
  void answersForAFormerIncarnationAreIgnored() {
    take();
    pass(2_000);
    Beat former = due();
    lease.lose();
    assertThat(lease.confirmed(former, now)).isFalse();
    assertThat(lease.current(now)).isNull();
    take();
    Incarnation second = lease.current(now);

    assertThat(lease.denied(former)).isFalse();

    assertThat(lease.current(now)).isEqualTo(second).isNotNull();
  }
}
