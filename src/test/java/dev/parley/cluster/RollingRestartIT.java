package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three instances behind the balancer are replaced one after the other, while 200 clients in 20
 * rooms listen to 500 messages a second.
 */
@Tag("cluster")
@Timeout(300)
class RollingRestartIT {
  private static final int ROOMS = 20;
  private static final int CLIENTS = 200;
  private static final int WINDOW_SECONDS = 5;
  private static final String[] SETTINGS = {
    "--parley.drain.window=" + WINDOW_SECONDS + "s",
    "--parley.presence.grace=1s",
    "--parley.history.size=20000",
    "--parley.history.bytes=1GB",
    "--server.forward-headers-strategy=native"
  };

  private final Ledger ledger = new Ledger();
  private final List<Subscriber> subscribers = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();

  private final Set<Subscriber> comingBack = ConcurrentHashMap.newKeySet();

  /** When clients came back, by System.nanoTime. */
  private final ConcurrentLinkedQueue<Long> returns = new ConcurrentLinkedQueue<>();

  @Test
  void nothingIsLostNorDoubledAndClientsComeBackEvenly() {
    try (RedisProcess redis = RedisProcess.launch()) {
      List<ParleyProcess> instances =
          IntStream.range(0, 3)
              .mapToObj(i -> launch(redis, "rolling-" + i, 0))
              .collect(Collectors.toCollection(ArrayList::new));
      instances.forEach(ParleyProcess::awaitReady);
      List<Integer> ports = instances.stream().map(ParleyProcess::port).toList();
      try (Balancer balancer = Balancer.start("rolling", ports, 1)) {
        for (int i = 0; i < CLIENTS; i++) {
          Subscriber each = new Subscriber(ledger, "room" + i % ROOMS, "s" + i);
          subscribers.add(each.connect(balancer.door(each.toString())).awaitJoined());
        }
        for (int i = 0; i < ROOMS; i++) {
          Publisher.Load load = Publisher.Load.steady(500 / ROOMS);
          publishers.add(
              Publisher.start(ledger, balancer.door("p" + i), "room" + i, "p" + i, load));
        }
        for (int i = 0; i < instances.size(); i++) {
          ParleyProcess old = instances.get(i);
          replace(balancer, redis, instances, i);
          assertThat(old.log()).doesNotContain(" ERROR ");
        }
        publishers.forEach(Publisher::finish);
        comeBackUntil(balancer, this::isAllHeard);
        publishers.forEach(Publisher::close);
        subscribers.forEach(Subscriber::close);
      } finally {
        instances.forEach(ParleyProcess::close);
      }
    }
    for (int i = 0; i < ROOMS; i++) {
      List<String> published = publishers.get(i).messages();
      for (int s = i; s < CLIENTS; s += ROOMS) {
        Subscriber subscriber = subscribers.get(s);
        assertThat(subscriber.violations()).as("%s", subscriber).isEmpty();
        assertThat(subscriber.losses()).as("%s", subscriber).isEmpty();
        assertThat(subscriber.messages().equals(published)).as("%s", subscriber).isTrue();
      }
      assertThat(publishers.get(i).refusals()).isEmpty();
    }
    assertThat(ledger.conflicts()).isEmpty();
  }

  /** Stops one, waits until it is gone, and starts another in its place. */
  private void replace(
      Balancer balancer, RedisProcess redis, List<ParleyProcess> instances, int index) {
    ParleyProcess old = instances.get(index);
    int port = old.port();
    returns.clear();
    long begun = System.nanoTime();
    old.terminate();
    comeBackUntil(balancer, () -> !old.isAlive());
    assertEven(begun);
    ParleyProcess replacement = launch(redis, "rolling-" + index + "-new", port);
    instances.set(index, replacement);
    replacement.awaitReady();
  }

  /** No second sees more than twice the mean. */
  private void assertEven(long begun) {
    Map<Long, Long> bySecond =
        returns.stream()
            .collect(
                Collectors.groupingBy(
                    at -> Duration.ofNanos(at - begun).toSeconds(), Collectors.counting()));
    // Some instance has a third of them, give or take.
    assertThat(returns).hasSizeGreaterThan(CLIENTS / 10);
    double mean = returns.size() / (double) WINDOW_SECONDS;
    assertThat(bySecond.values()).as("%s", bySecond).allMatch(count -> count <= 2 * mean);
  }

  private void comeBackUntil(Balancer balancer, BooleanSupplier done) {
    soon()
        .until(() -> {
          for (Subscriber each : subscribers) {
            if (!each.isConnected() && comingBack.add(each)) {
              returns.add(System.nanoTime());
              Thread.ofVirtual()
                  .start(() -> {
                    // Whoever is refused in the turmoil tries again, as clients do.
                    await()
                        .atMost(Duration.ofSeconds(60))
                        .pollInterval(Duration.ofMillis(200))
                        .ignoreExceptions()
                        .until(() -> each.connect(balancer.door(each.toString())).isConnected());
                    comingBack.remove(each);
                  });
            }
          }
          return done.getAsBoolean();
        });
  }

  private boolean isAllHeard() {
    return publishers.stream().allMatch(Publisher::isDone)
        && IntStream.range(0, CLIENTS)
            .allMatch(i -> subscribers.get(i).last() == publishers.get(i % ROOMS).acknowledged());
  }

  private static ParleyProcess launch(RedisProcess redis, String name, int port) {
    List<String> settings = new ArrayList<>(List.of(SETTINGS));
    settings.add(ParleyProcess.PORT + port);
    return ParleyProcess.launch(name, redis.host(), redis.port(), settings.toArray(String[]::new));
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(100)).pollInterval(Duration.ofMillis(20));
  }
}
