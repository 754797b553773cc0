package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.Head;
import dev.parley.broker.Instance;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.protocol.RoomName;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An instance that was restarted is asked for all rooms at once, and Redis is not next door. */
@Tag("redis")
@Timeout(120)
class ManyRoomsAtOnceTests {
  private static final Logger log = LoggerFactory.getLogger(ManyRoomsAtOnceTests.class);
  private static final Retention HISTORY =
      new Retention(50_000, Duration.ofHours(24), Long.MAX_VALUE);

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T open(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  private static List<RoomName> rooms(int count) {
    List<RoomName> rooms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rooms.add(new RoomName("room" + i));
    }
    return rooms;
  }

  private Instance instance(String host, int port) {
    Instance instance = open(Instance.onRedis(RedisURI.create(host, port), HISTORY));
    await().atMost(20, TimeUnit.SECONDS).until(instance.broker::isAvailable);
    return instance;
  }

  /** Puts as many messages of this size into each. */
  private void fill(RedisProcess redis, List<RoomName> rooms, int messages, int bytes) {
    Instance filling = instance(redis.host(), redis.port());
    // As many as the instance lets wait for Redis.
    int together =
        Math.max(
            1, Math.min(Backlog.MESSAGES / 2 / messages, 8 * 1024 * 1024 / (messages * bytes)));
    for (int i = 0; i < rooms.size(); i += together) {
      List<RoomName> some = rooms.subList(i, Math.min(rooms.size(), i + together));
      AtomicInteger accepted = new AtomicInteger();
      filling.home.run(() -> {
        for (RoomName room : some) {
          RoomChannel channel = filling.broker.channel(room, HISTORY, filling.home);
          for (int message = 0; message < messages; message++) {
            channel.publish(
                message("x".repeat(bytes)),
                outcome -> {
                  if (outcome instanceof Outcome.Accepted) {
                    accepted.incrementAndGet();
                  }
                });
          }
        }
      });
      await().atMost(20, TimeUnit.SECONDS).until(() -> accepted.get() == some.size() * messages);
    }
  }

  /** Opens a room and reads its log to the end, as the first who comes back does. */
  private static final class Reader extends RecordingRoomListener {
    private final RoomChannel channel;
    private final AtomicInteger done;
    private final AtomicInteger failed;
    private long read;

    Reader(RoomChannel channel, AtomicInteger done, AtomicInteger failed) {
      this.channel = channel;
      this.done = done;
      this.failed = failed;
    }

    @Override
    public void opened(Outcome<Head> outcome) {
      switch (outcome) {
        case Head head -> channel.read(1, 256, page -> read(head.offset(), page));
        case Outcome.Refused<Head> _ -> failed.incrementAndGet();
      }
    }

    private void read(long last, Outcome<LogPage> outcome) {
      if (!(outcome instanceof LogPage page) || page.entries().isEmpty()) {
        failed.incrementAndGet();
        return;
      }
      read += page.entries().size();
      if (read < last) {
        channel.read(read + 1, 256, next -> read(last, next));
      } else {
        done.incrementAndGet();
      }
    }
  }

  /** Answers how long it took. */
  private static Duration readAll(Instance instance, List<RoomName> rooms) {
    AtomicInteger done = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    long begun = System.nanoTime();
    instance.home.run(() -> {
      for (RoomName room : rooms) {
        RoomChannel channel = instance.broker.channel(room, HISTORY, instance.home);
        channel.subscribe(new Reader(channel, done, failed));
      }
    });
    await()
        .atMost(60, TimeUnit.SECONDS)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> done.get() + failed.get() == rooms.size());
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertThat(failed).hasValue(0);
    return took;
  }

  @Test
  void tenThousandRoomsAreOpenedAndReadBehindAMillisecond() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    List<RoomName> rooms = rooms(10_000);
    fill(redis, rooms, 3, 100);
    Instance instance = instance(proxy.host(), proxy.port());
    proxy.delay(Duration.ofMillis(1));

    Duration took = readAll(instance, rooms);

    log.info("10,000 rooms were opened and read in {} ms", took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void roomsOfLargeMessagesTakeLongerAndNoneFails() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    List<RoomName> rooms = rooms(200);
    fill(redis, rooms, 16, 60_000);
    Instance instance = instance(proxy.host(), proxy.port());
    proxy.delay(Duration.ofMillis(1));

    Duration took = readAll(instance, rooms);

    log.info("200 rooms of 16 x 60 kB were opened and read in {} ms", took.toMillis());
    assertThat(took).isLessThan(Duration.ofSeconds(30));
  }

  /**
   * The whole takes longer than any read may: what waits here is not what Redis is given 5 s for.
   */
  @Test
  void readThatWaitsForOthersIsNotFailedForIt() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    List<RoomName> rooms = rooms(60);
    fill(redis, rooms, 16, 60_000);
    Instance instance = instance(proxy.host(), proxy.port());
    proxy.delay(Duration.ofMillis(300));

    Duration took = readAll(instance, rooms);

    assertThat(took).isGreaterThan(Duration.ofSeconds(6));
  }

  @Test
  void answersOnTheWayAreBoundedInBytesAndWhoWaitsForThemIsNotFailed() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    List<RoomName> rooms = rooms(200);
    fill(redis, rooms, 16, 60_000);
    Instance instance = instance(proxy.host(), proxy.port());
    List<RoomChannel> channels =
        instance.home.call(() ->
            rooms.stream()
                .map(room -> instance.broker.channel(room, HISTORY, instance.home))
                .toList());
    AtomicInteger done = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    proxy.holdReplies();
    instance.home.run(() -> {
      for (RoomChannel channel : channels) {
        channel.read(1, 256, page -> (page instanceof LogPage ? done : failed).incrementAndGet());
      }
    });

    await()
        .during(Duration.ofMillis(1_500))
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> proxy.heldReplies() > 500_000 && proxy.heldReplies() < 5_000_000);
    proxy.heal();
    await().atMost(30, TimeUnit.SECONDS).until(() -> done.get() + failed.get() == 200);
    assertThat(failed).hasValue(0);
  }

  @Test
  void roomThatIsReadOverAndOverDelaysNoOther() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    List<RoomName> rooms = rooms(2);
    fill(redis, rooms, 16, 60_000);
    Instance instance = instance(proxy.host(), proxy.port());
    proxy.delay(Duration.ofMillis(50));
    AtomicInteger done = new AtomicInteger();
    AtomicInteger before = new AtomicInteger(-1);
    instance.home.run(() -> {
      RoomChannel busy = instance.broker.channel(rooms.getFirst(), HISTORY, instance.home);
      RoomChannel quiet = instance.broker.channel(rooms.getLast(), HISTORY, instance.home);
      for (int i = 0; i < 500; i++) {
        busy.read(1, 256, page -> done.incrementAndGet());
      }
      quiet.read(1, 256, page -> before.set(done.get()));
    });

    await().atMost(60, TimeUnit.SECONDS).until(() -> before.get() >= 0);
    assertThat(before.get()).isLessThan(10);
  }
}
