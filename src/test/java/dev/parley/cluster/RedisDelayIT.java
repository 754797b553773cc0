package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.cluster.Publisher.Load;
import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Redis that is far away slows publishers down; it does not fill the heap. */
@Tag("cluster")
@Timeout(180)
class RedisDelayIT {
  private static final int PUBLISHERS = 8;
  private static final int EACH = 2_000;
  private static final int UNANSWERED = 64;

  /** All of them together are more than the heap holds. */
  private static final int BYTES = 8 * 1024;

  private static RedisProcess redis;
  private static TcpProxy proxy;
  private static ParleyProcess instance;

  @BeforeAll
  static void start() {
    redis = RedisProcess.launch();
    proxy = new TcpProxy(redis.host(), redis.port());
    instance = ParleyProcess.launch("delay", proxy.host(), proxy.port()).awaitReady();
  }

  @AfterAll
  static void stop() {
    // Without a redis-server on this machine there is nothing to end.
    if (instance != null) {
      instance.close();
      proxy.close();
      redis.close();
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60));
  }

  @Test
  void redisThatIsTwoSecondsAwaySlowsPublishersAndLeavesTheHeapFlat() throws Exception {
    Ledger ledger = new Ledger();
    List<Subscriber> subscribers = new ArrayList<>();
    for (int i = 0; i < PUBLISHERS; i++) {
      subscribers.add(new Subscriber(ledger, "delay" + i, "s" + i).connect(instance).awaitJoined());
    }
    double before = live();
    // Each way: an answer takes four.
    proxy.delay(Duration.ofSeconds(2));
    List<Publisher> publishers =
        IntStream.range(0, PUBLISHERS)
            .mapToObj(i ->
                Publisher.start(
                    ledger, instance, "delay" + i, "p" + i, new Load(EACH, EACH, BYTES)))
            .toList();
    soon().until(() -> publishers.stream().allMatch(each -> each.acknowledged() > 0));
    for (int round = 0; round < 2; round++) {
      int soFar = acknowledged(publishers);
      soon().until(() -> acknowledged(publishers) > soFar + UNANSWERED);
      assertThat(unanswered()).isLessThanOrEqualTo(PUBLISHERS * UNANSWERED);
      assertThat(live() - before).isLessThan(24 * 1024 * 1024);
      assertThat(instance.health("liveness")).isEqualTo(200);
      assertThat(instance.health("readiness")).isEqualTo(200);
    }
    assertThat(publishers).noneMatch(Publisher::isDone);
    proxy.heal();

    soon().until(() -> publishers.stream().allMatch(Publisher::isDone));
    soon().until(() -> subscribers.stream().allMatch(each -> each.count() >= EACH));
    for (int i = 0; i < PUBLISHERS; i++) {
      Subscriber subscriber = subscribers.get(i);
      assertThat(publishers.get(i).refusals()).isSubsetOf("unconfirmed", "broker_unavailable");
      assertThat(subscriber.violations()).isEmpty();
      assertThat(subscriber.losses()).isEmpty();
      assertThat(subscriber.messages()).hasSize(EACH);
      assertThat(Set.copyOf(subscriber.messages()).equals(Set.copyOf(publishers.get(i).messages())))
          .isTrue();
    }
    assertThat(ledger.conflicts()).isEmpty();
    publishers.forEach(Publisher::close);
    subscribers.forEach(Subscriber::close);
  }

  private static int acknowledged(List<Publisher> publishers) {
    return publishers.stream().mapToInt(Publisher::acknowledged).sum();
  }

  /** Messages that were read from connections and not answered for, or fewer. */
  private static double unanswered() {
    double received = instance.metric("parley_messages_received_total", "");
    return received - instance.metric("parley_publishes_total", "");
  }

  /** Bytes of the heap that are in use after a collection. */
  private static double live() throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(instance.pid()),
                "GC.run")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(jcmd.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return instance.metric("jvm_memory_used_bytes", "area=\"heap\"");
  }
}
