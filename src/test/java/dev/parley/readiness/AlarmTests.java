package dev.parley.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class AlarmTests {
  private enum Kind {
    DOWN,
    FULL
  }

  private static final Alarm.Trouble DOWN = new Alarm.Trouble(Kind.DOWN, "It is down.");
  private static final Alarm.Trouble FULL = new Alarm.Trouble(Kind.FULL, "It is full.");

  private long now;
  private final Alarm alarm = new Alarm(LoggerFactory.getLogger(AlarmTests.class), () -> now);

  private static long count(CapturedOutput output, String line) {
    return output.getOut().lines().filter(each -> each.contains(line)).count();
  }

  private void at(long seconds) {
    now = TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void troubleThatLastsIsLoggedAtErrorAtOnceAndEvery30Seconds(CapturedOutput output) {
    for (int second = 0; second <= 60; second++) {
      at(second);
      alarm.raise("a", DOWN);
    }
    assertThat(count(output, "ERROR")).isEqualTo(3);
    assertThat(count(output, "It is down.")).isEqualTo(3);
  }

  @Test
  void sameTroubleOfSeveralSourcesIsOneLineAndOneSentence(CapturedOutput output) {
    alarm.raise("a", DOWN);
    alarm.raise("b", DOWN);
    assertThat(count(output, "It is down.")).isOne();
    assertThat(alarm.sentences()).containsExactly("It is down.");
  }

  @Test
  void anotherCauseIsLoggedAtOnce(CapturedOutput output) {
    alarm.raise("a", DOWN);
    at(1);
    alarm.raise("a", FULL);
    assertThat(count(output, "It is full.")).isOne();
    assertThat(alarm.sentences()).containsExactly("It is full.");
  }

  @Test
  void endIsLoggedWhenNoSourceHasTroubleAnyMore(CapturedOutput output) {
    alarm.raise("a", DOWN);
    alarm.raise("b", FULL);
    alarm.clear("a", "All is well.");
    assertThat(count(output, "All is well.")).isZero();
    alarm.clear("b", "All is well.");
    alarm.clear("b", "All is well.");
    assertThat(count(output, "All is well.")).isOne();
    assertThat(alarm.sentences()).isEmpty();
  }

  @Test
  void troubleThatComesAndGoesIsNotLoggedMoreOften(CapturedOutput output) {
    for (int second = 0; second < 30; second++) {
      at(second);
      alarm.raise("a", DOWN);
      alarm.clear("a", "All is well.");
    }
    assertThat(count(output, "It is down.")).isOne();
    assertThat(count(output, "All is well.")).isOne();
    at(30);
    alarm.raise("a", DOWN);
    assertThat(count(output, "It is down.")).isEqualTo(2);
  }

  @Test
  void endOfWhatNeverBeganIsNotLogged(CapturedOutput output) {
    alarm.clear("a", "All is well.");
    assertThat(output.getOut()).doesNotContain("All is well.");
  }
}
