package dev.parley.room;

import dev.parley.access.AccessProperties;
import dev.parley.access.HistoryProperties;
import dev.parley.access.LimitsProperties;
import dev.parley.access.PolicyProperties;
import dev.parley.access.RoomPolicies;
import dev.parley.broker.Broker;
import dev.parley.broker.PresenceProperties;
import dev.parley.budget.Budgets;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.springframework.util.unit.DataSize;

/** Rooms that anybody may join, as many as they like, unless a policy says otherwise. */
final class TestRooms {

  private TestRooms() {}

  static Rooms of(
      List<? extends Lane> lanes, Broker broker, Budgets budgets, PolicyProperties... policies) {
    AccessProperties access =
        new AccessProperties(
            null,
            List.of(),
            Duration.ZERO,
            false,
            true,
            List.of(),
            List.of(),
            AccessProperties.Allow.ANONYMOUS,
            List.of(policies));
    return new Rooms(
        new Lanes(lanes),
        broker,
        new RoomPolicies(
            access, new HistoryProperties(1_000, Duration.ofHours(24), DataSize.ofMegabytes(4))),
        new RoomMetrics(new SimpleMeterRegistry()),
        new RoomAllowance(
            Budgets.ofEach(Long.MAX_VALUE),
            new LimitsProperties(false, 50, 100, 2_000, 5_000, 20, 200, 100, 20, 500, 1_000, null)),
        new PresenceProperties(Duration.ofSeconds(5)),
        new ReceiptProperties(Duration.ofMillis(200)),
        budgets);
  }
}
