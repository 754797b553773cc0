package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class RefusalLogTests {
  private static final String REFUSES = "Redis refuses messages";
  private static final String ACCEPTS = "Redis accepts messages again";

  private final RefusalLog log = new RefusalLog();

  private static int count(CapturedOutput output, String line) {
    return output.getAll().split(line, -1).length - 1;
  }

  private static long seconds(long seconds) {
    return RefusalLog.PAUSE_NANOS / 30 * seconds;
  }

  @Test
  void refusalsBetweenAcceptedBatchesAreOneLine(CapturedOutput output) {
    for (int i = 0; i < 29; i++) {
      log.refused("OOM", seconds(i));
      log.accepted(seconds(i));
    }
    assertThat(count(output, REFUSES)).isOne();
    assertThat(output).contains("(1 times by now): OOM").doesNotContain(ACCEPTS);
  }

  @Test
  void refusalsThatGoOnAreSaidAgainAfterAWhile(CapturedOutput output) {
    for (int i = 0; i <= 60; i++) {
      log.refused("OOM", seconds(i));
    }
    assertThat(count(output, REFUSES)).isEqualTo(3);
    assertThat(output).contains("(61 times by now)");
  }

  @Test
  void acceptingIsSaidOnceWhenItHasLasted(CapturedOutput output) {
    log.refused("OOM", seconds(0));
    log.accepted(seconds(29));
    assertThat(output).doesNotContain(ACCEPTS);
    log.accepted(seconds(30));
    log.accepted(seconds(31));
    assertThat(count(output, ACCEPTS)).isOne();
    log.refused("READONLY", seconds(32));
    assertThat(output).contains("(1 times by now): READONLY");
  }
}
