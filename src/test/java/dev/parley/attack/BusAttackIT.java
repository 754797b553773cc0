package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.parley.cluster.ParleyProcess;
import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More comes in by Redis than this instance can pass on. */
@Tag("attack")
@Timeout(90)
class BusAttackIT {
  private static final List<String> ROOMS =
      IntStream.range(0, 8).mapToObj(i -> "bus-" + i).toList();
  private static final int SIGNALS = 800;


  private static Siege siege;
  private static RedisClient client;

  @BeforeAll
  static void start() {
    siege = Siege.onRedis("attack-bus");
    client = RedisClient.create(siege.redis().uri());
  }

  @AfterAll
  static void stop() {
    // Without a redis-server on this machine there is nothing to end.
    if (siege != null) {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
      siege.close();
    }
  }

  @Test
  void whatComesInWhileTheHeadsOfRoomsCannotBeReadIsNotAllHeld() throws Exception {
    try (Hostile member = Hostile.connect(siege.instance(), 2, ParleyProcess.token("member"))) {
      member.send(Hostile.join(ROOMS));
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
        client.connect(ByteArrayCodec.INSTANCE)) {
      siege.redis().ask(redis -> redis.aclSetuser("default", scriptsAre(false)));
      for (String room : ROOMS) {
        connection.sync().publish(channel(room), newEpoch());
      }
      for (int sent = 0; sent < SIGNALS && siege.isAlive(); sent += 50) {
        List<RedisFuture<Long>> some = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          for (String room : ROOMS) {
            some.add(connection.async().publish(channel(room), signal));
          }
        }
        for (RedisFuture<Long> each : some) {
          each.get(10, SECONDS);
        }
      }
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
          Hostile.text(
              "{\"type\":\"signal\",\"room\":\"bus-0\",\"name\":\"s\",\"data\":\"%s\"}"
                  .formatted("x".repeat(60_000))));
      return heard.get(10, SECONDS);
    }
  }
}
