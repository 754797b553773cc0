package dev.parley.room;

import dev.parley.delivery.Lane;
import io.micrometer.core.instrument.Timer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How long messages took from being accepted to being handed to the sockets of one lane: noted when
 * they are delivered, recorded when the turn has written them. One value a message and lane, not
 * one a delivery.
 */
final class LatencyMeter {
  /** A lane that is never done writing records them all the same, some a little early. */
  private static final int MOST = 4_096;

  private final Timer timer;
  private long[] timestamps = new long[64];
  private int count;

  LatencyMeter(Timer timer, Lane lane) {
    this.timer = timer;
    lane.afterWrites(this::record);
  }

  void add(long timestamp) {
    if (count == MOST) {
      record();
    }
    if (count == timestamps.length) {
      timestamps = Arrays.copyOf(timestamps, count * 2);
    }
    timestamps[count++] = timestamp;
  }

  private void record() {
    if (count == 0) {
      return;
    }
    long now = System.currentTimeMillis();
    for (int i = 0; i < count; i++) {
      // Clocks of two instances differ: what seems to come from the future took no time.
      timer.record(Math.max(0, now - timestamps[i]), TimeUnit.MILLISECONDS);
    }
    count = 0;
  }
}
