package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RefusalLogTests {
  private static final String FULL = "OOM command not allowed when used memory > 'maxmemory'.";

  private final RedisAlarm alarm = new RedisAlarm("redis:6379");
  private final RefusalLog log = new RefusalLog(alarm);

  private static long seconds(long seconds) {
    return RefusalLog.QUIET_NANOS / 30 * seconds;
  }

  @Test
  void refusalIsSaidWithItsCauseAndRemedy() {
    log.refused(FULL, seconds(0));
    assertThat(alarm.sentences())
        .singleElement()
        .asString()
        .startsWith("Redis at redis:6379 cannot be used: it is full and refuses messages (OOM ")
        .endsWith(
            "Raise its maxmemory, or keep less (parley.history.size, .retention and .bytes).");
  }

  @Test
  void itIsOverWhenNothingWasRefusedForAWhile() {
    log.refused(FULL, seconds(0));
    log.refused(FULL, seconds(20));
    log.check(seconds(49));
    assertThat(alarm.sentences()).isNotEmpty();
    log.check(seconds(50));
    assertThat(alarm.sentences()).isEmpty();
    log.refused("READONLY You can't write against a read only replica.", seconds(52));
    assertThat(alarm.sentences()).singleElement().asString().contains("it leads to a replica");
  }
}
