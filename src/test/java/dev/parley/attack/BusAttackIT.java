package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyProcess;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More comes in by Redis than this instance can pass on. */
@Tag("attack")
@Timeout(90)
class BusAttackIT {
  private static final List<String> ROOMS =
      IntStream.range(0, 12).mapToObj(i -> "bus-" + i).toList();

  /** All of them together are more than the heap holds. */
  private static final int ROUNDS = 100;

  private static final int A_ROUND = 5;

  @RegisterExtension static final Shared shared = Shared.REDIS;

  private static Siege siege;
  private static RedisClient client;

  @BeforeAll
  static void connect() {
    siege = shared.siege();
    client = RedisClient.create(siege.redis().uri());
  }

  @AfterAll
  static void disconnect() {
    // Without a redis-server on this machine there is nothing to end.
    if (client != null) {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
  }

  @Test
  void whatComesInWhileTheHeadsOfRoomsCannotBeReadIsNotAllHeld() throws Exception {
    try (Hostile member = Hostile.connect(siege.instance(), 2, ParleyProcess.token("member"))) {
      member.send(Frames.join(ROOMS));
      for (int i = 0; i < ROOMS.size(); i++) {
        member.next("joined");
      }
      byte[] signal = signal(member);
      Thread.ofVirtual().start(() -> member.closeCode(Duration.ofMinutes(1)));
      siege.survives("bus", () -> flood(signal));
    }
  }

  /**
   * Says in each room that it has a new epoch, which the instance cannot look up, since Redis
   * refuses its scripts; then fills the rooms' channels.
   */
  private static void flood(byte[] signal) throws Exception {
    try (StatefulRedisConnection<byte[], byte[]> connection =
            client.connect(ByteArrayCodec.INSTANCE);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      siege.redis().ask(redis -> redis.aclSetuser("default", scriptsAre(false)));
      for (String room : ROOMS) {
        connection.sync().publish(channel(room), newEpoch());
      }
      CountDownLatch rounds = new CountDownLatch(ROUNDS);
      // No faster than it is taken in; what Redis had to keep would be dropped with the connection.
      var _ =
          clock.scheduleAtFixedRate(
              () -> {
                for (int i = 0; i < A_ROUND; i++) {
                  for (String room : ROOMS) {
                    var _ = connection.async().publish(channel(room), signal);
                  }
                }
                rounds.countDown();
              },
              0,
              60,
              MILLISECONDS);
      assertThat(rounds.await(30, SECONDS)).isTrue();
      assertThat(siege.liveHeap()).as("bytes of heap").isLessThan(150_000_000);
    } finally {
      siege.redis().ask(redis -> redis.aclSetuser("default", scriptsAre(true)));
    }
  }

  private static AclSetuserArgs scriptsAre(boolean allowed) {
    AclSetuserArgs user = new AclSetuserArgs();
    for (CommandType script : List.of(CommandType.EVAL, CommandType.EVALSHA)) {
      if (allowed) {
        user.addCommand(script);
      } else {
        user.removeCommand(script);
      }
    }
    return user;
  }

  private static byte[] channel(String room) {
    return ("parley:1:{" + room + "}").getBytes(US_ASCII);
  }

  /** Messages of another epoch, though none at all. */
  private static byte[] newEpoch() {
    ByteBuffer payload = ByteBuffer.allocate(28).put((byte) 1).put((byte) 1);
    return payload.putLong(ThreadLocalRandom.current().nextLong()).array();
  }

  /** What an instance puts on the bus for a long signal. */
  private static byte[] signal(Hostile sender) throws Exception {
    CompletableFuture<byte[]> heard = new CompletableFuture<>();
    try (StatefulRedisPubSubConnection<byte[], byte[]> bus =
        client.connectPubSub(ByteArrayCodec.INSTANCE)) {
      bus.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] channel, byte[] payload) {
              if (payload.length > 60_000) {
                heard.complete(payload);
              }
            }
          });
      bus.sync().subscribe(channel("bus-0"));
      sender.send(
          Frames.text(
              "{\"type\":\"signal\",\"room\":\"bus-0\",\"name\":\"s\",\"data\":\"%s\"}"
                  .formatted("x".repeat(60_000))));
      return heard.get(10, SECONDS);
    }
  }
}
