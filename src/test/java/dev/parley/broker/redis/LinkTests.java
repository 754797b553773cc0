package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.SharedRedis;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a lost connection to Redis is replaced, and that nothing of it stays. */
@Tag("redis")
@Timeout(60)
class LinkTests {
  private final ClientResources resources = DefaultClientResources.create();
  private final RedisServer server =
      new RedisServer(resources, SharedRedis.uri(), ClientOptions.create());
  private final RedisAlarm alarm = new RedisAlarm(server.address());
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final List<StatefulRedisConnection<String, byte[]>> handedOut =
      new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    scheduler.shutdownNow();
    server.close();
    resources.shutdown().awaitUninterruptibly(1);
  }

  private CompletionStage<StatefulRedisConnection<String, byte[]>> connect() {
    return server
        .connect()
        .whenComplete((opened, _) -> {
          if (opened != null) {
            handedOut.add(opened);
          }
        });
  }

  private static boolean isClosed(StatefulRedisConnection<String, byte[]> connection) {
    return ((RedisChannelHandler<?, ?>) connection).isClosed();
  }

  /** Has each of its connections killed as soon as it is up, as long as it is told to. */
  private static final class Killed implements Link.Owner<StatefulRedisConnection<String, byte[]>> {
    private final AtomicInteger ups = new AtomicInteger();
    private final AtomicLong upAt = new AtomicLong();
    private volatile boolean killing = true;
    private volatile boolean refusing;

    @Override
    public CompletionStage<?> prepare(StatefulRedisConnection<String, byte[]> connection) {
      return refusing
          ? CompletableFuture.failedFuture(new IllegalStateException("not today"))
          : connection.async().ping();
    }

    @Override
    public void up(StatefulRedisConnection<String, byte[]> connection) {
      ups.incrementAndGet();
      upAt.set(System.nanoTime());
      if (killing) {
        kill(connection);
      }
    }

    @Override
    public void down() {}
  }

  private static void kill(StatefulRedisConnection<String, byte[]> connection) {
    var _ =
        connection
            .async()
            .clientId()
            .thenCompose(
                id -> connection.async().clientKill(KillArgs.Builder.id(id).skipme(false)));
  }

  private Link<StatefulRedisConnection<String, byte[]>> link(Killed owner) {
    return new Link<>("tests", this::connect, scheduler, owner, alarm);
  }

  @Test
  void connectionThatIsKilledOverAndOverIsOpenedEverMoreSeldom() {
    Killed owner = new Killed();
    Link<?> link = link(owner);
    link.open();

    await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
    assertThat(handedOut).hasSizeBetween(4, 10);

    owner.killing = false;
    int before = owner.ups.get();
    await().atMost(5, TimeUnit.SECONDS).until(() -> owner.ups.get() > before);
    // It lasts: what ends it now is another matter.
    await().pollDelay(Duration.ofMillis(5_500)).until(() -> true);
    long killedAt = System.nanoTime();
    int lasting = owner.ups.get();
    kill(handedOut.getLast());
    await()
        .atMost(5, TimeUnit.SECONDS)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> owner.ups.get() > lasting);
    assertThat(Duration.ofNanos(owner.upAt.get() - killedAt)).isLessThan(Duration.ofMillis(900));
  }

  @Test
  void lostConnectionIsClosed() {
    Killed owner = new Killed();
    Link<?> link = link(owner);
    link.open();

    await().atMost(20, TimeUnit.SECONDS).until(() -> handedOut.size() > 4);
    owner.killing = false;
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> handedOut.stream().filter(each -> !isClosed(each)).count() == 1);
    link.close();
    await()
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> handedOut.stream().allMatch(LinkTests::isClosed));
  }

  @Test
  void connectionThatCannotBePreparedIsClosed() {
    Killed owner = new Killed();
    owner.refusing = true;
    Link<?> link = link(owner);
    link.open();

    await().atMost(20, TimeUnit.SECONDS).until(() -> handedOut.size() > 3);
    assertThat(handedOut.subList(0, 3)).allMatch(LinkTests::isClosed);
    assertThat(owner.ups).hasValue(0);
    link.close();
  }

  @Test
  void connectionThatComesTooLateIsClosed() {
    CompletableFuture<StatefulRedisConnection<String, byte[]>> late = new CompletableFuture<>();
    AtomicInteger attempts = new AtomicInteger();
    Link<StatefulRedisConnection<String, byte[]>> link =
        new Link<>(
            "tests",
            () -> {
              attempts.incrementAndGet();
              return late;
            },
            scheduler,
            new Killed(),
            alarm);
    link.open();
    await().atMost(5, TimeUnit.SECONDS).until(() -> attempts.get() == 1);
    link.close().toCompletableFuture().join();
    scheduler.shutdown();
    await().atMost(5, TimeUnit.SECONDS).until(scheduler::isTerminated);
    connect().toCompletableFuture().join();

    late.complete(handedOut.getFirst());

    assertThat(isClosed(handedOut.getFirst())).isTrue();
  }
}
