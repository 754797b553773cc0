package dev.parley.admin.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InstanceRegistryTests {
  private static final InstanceName SELF = new InstanceName("a-00000001");
  private static final InstanceName OTHER = new InstanceName("b-00000002");

  private final InstanceRegistry peers = new InstanceRegistry(SELF, 0);

  @Test
  void oneselfIsAlwaysKnown() {
    assertThat(peers.all()).containsExactly(SELF);
  }

  @Test
  void whoIsNotHeardForTenSecondsIsForgotten() {
    assertThat(hear(OTHER, 1)).isTrue();
    for (int second = 2; second <= 10; second += 2) {
      hear(SELF, second);
    }
    assertThat(peers.all()).containsExactly(SELF, OTHER);
    hear(SELF, 12);
    assertThat(peers.all()).containsExactly(SELF);
    assertThat(hear(OTHER, 13)).isTrue();
    assertThat(hear(OTHER, 14)).isFalse();
  }

  @Test
  void nobodyIsForgottenWhileOnesOwnBusIsCut() {
    hear(OTHER, 1);
    hear(SELF, 2);
    hear(SELF, 60);
    assertThat(peers.all()).containsExactly(SELF, OTHER);
    hear(SELF, 64);
    hear(SELF, 68);
    hear(SELF, 72);
    assertThat(peers.all()).containsExactly(SELF);
  }

  @Test
  void whoTakesLeaveIsForgottenAtOnce() {
    hear(OTHER, 1);
    peers.gone(OTHER);
    assertThat(peers.all()).containsExactly(SELF);
  }

  private boolean hear(InstanceName instance, int second) {
    return peers.heard(instance, TimeUnit.SECONDS.toNanos(second));
  }
}
