package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.redis.LeaseWatcher.Silent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaseWatcherTests {
  private static final Incarnation PEER = new Incarnation("peer");
  private static final Incarnation OTHER = new Incarnation("other");

  private final LeaseWatcher watcher = new LeaseWatcher();
  private final Map<Incarnation, Long> beats = new HashMap<>(Map.of(PEER, 1L));
  private long now = Long.MIN_VALUE;

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private List<Silent> poll() {
    return poll(1);
  }

  /** Reads after half a second, with an answer that takes this long. */
  private List<Silent> poll(long answerMs) {
    now += LeaseWatcher.POLL_NANOS;
    long asked = now;
    now += nanos(answerMs);
    return watcher.observe(beats, asked, now);
  }

  /** Polls for so long; answers whoever was silent. */
  private List<Silent> watch(long millis) {
    List<Silent> all = new ArrayList<>();
    for (long i = 0; i < nanos(millis) / LeaseWatcher.POLL_NANOS; i++) {
      all.addAll(poll());
    }
    return all;
  }

  @Test
  void beatThatStandsStillForEightSecondsIsNoticedWithinNine() {
    assertThat(watch(8_000)).isEmpty();
    assertThat(watch(1_000)).contains(new Silent(PEER, 1));
  }

  @Test
  void beatThatChangesIsNot() {
    for (int i = 0; i < 10; i++) {
      assertThat(watch(7_500)).isEmpty();
      beats.merge(PEER, 1L, Long::sum);
    }
  }

  @Test
  void peersAreWatchedEachForItself() {
    beats.put(OTHER, 7L);
    for (int i = 0; i < 8; i++) {
      watch(1_000);
      beats.merge(OTHER, 1L, Long::sum);
    }

    assertThat(watch(1_000)).contains(new Silent(PEER, 1)).allMatch(s -> s.incarnation() == PEER);
  }

  @Test
  void pauseOfTheWatcherSaysNothingAboutThePeers() {
    watch(7_000);
    now += nanos(60_000);

    assertThat(watch(8_000)).isEmpty();
    assertThat(watch(1_000)).contains(new Silent(PEER, 1));
  }

  @Test
  void slowAnswerSaysNothingAboutThePeers() {
    watch(7_000);

    assertThat(poll(1_500)).isEmpty();
    assertThat(watch(7_500)).isEmpty();
  }

  @Test
  void peerThatIsGoneIsForgotten() {
    watch(7_500);
    beats.clear();
    watch(500);
    beats.put(PEER, 1L);

    assertThat(watch(8_000)).isEmpty();
  }

  @Test
  void nothingCountsFromBeforeARestart() {
    watch(7_500);
    watcher.restart();

    assertThat(watch(8_000)).isEmpty();
  }
}
