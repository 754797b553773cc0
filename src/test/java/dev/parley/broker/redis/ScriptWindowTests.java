package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.BrokerContract;
import dev.parley.protocol.RoomName;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A user who leaves and comes back is in the room, however often the scripts that say so are sent.
 */
@Tag("redis")
@Timeout(60)
class ScriptWindowTests {
  private static final RoomName ROOM = new RoomName("room");

  /** As many as are in flight together. */
  private static final int WINDOW = 256;

  private final RedisProcess redis = RedisProcess.launch();
  private final TcpProxy proxy = new TcpProxy(redis.host(), redis.port());
  private final ClientResources resources = DefaultClientResources.create();
  private final RedisServer server =
      new RedisServer(
          resources, RedisURI.create(proxy.host(), proxy.port()), ClientOptions.create());
  private final PrimaryState primary = new PrimaryState(() -> {});

  /** What the window's owner has to run, which is the test. */
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  private final ScriptWindow window = new ScriptWindow(tasks::add);
  private int answers;

  @AfterEach
  void close() throws Exception {
    server.close();
    resources.shutdown().awaitUninterruptibly(1);
    proxy.close();
    redis.close();
  }

  private StatefulRedisConnection<String, byte[]> connect() {
    StatefulRedisConnection<String, byte[]> opened =
        server.connect().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    opened.sync().scriptLoad(Script.ENTER.source());
    opened.sync().scriptLoad(Script.EXIT.source());
    PrimaryConnection connection = new PrimaryConnection(opened, primary, reason -> {});
    connection.open().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    window.connected(connection);
    return opened;
  }

  private void tell(Script script, RoomName room) {
    RoomKeys keys = RoomKeys.of(room, BrokerContract.HISTORY);
    window.submit(
        ScriptCall.untilAnswered(
            script,
            keys.ofPresence(),
            new byte[][] {
              bytes("ann"),
              bytes("1"),
              bytes("1700000000000"),
              bytes("604800000"),
              bytes(keys.channel()),
              bytes(script == Script.ENTER ? "Ann" : ""),
              bytes("")
            },
            Runnable::run,
            reply -> answers++));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  private void turn() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /** Takes what was answered by now, all in one turn. */
  private void takeAnswers(StatefulRedisConnection<String, byte[]> connection) {
    connection.sync().ping();
    turn();
  }

  private void untilAnswered(int count) {
    await()
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> {
          turn();
          return answers == count;
        });
  }

  private boolean isPresent() {
    return redis.ask(
        commands -> commands.hexists(RoomKeys.of(ROOM, BrokerContract.HISTORY).presence(), "ann"));
  }

  private void enter() {
    tell(Script.ENTER, ROOM);
    turn();
    untilAnswered(1);
    assertThat(isPresent()).isTrue();
  }

  @Test
  void whatWasInFlightAtAReconnectGoesBeforeWhatWaited() {
    connect();
    enter();
    proxy.swallowReplies();
    tell(Script.EXIT, ROOM);
    for (int i = 1; i < WINDOW; i++) {
      tell(Script.ENTER, new RoomName("other" + i));
    }
    tell(Script.ENTER, ROOM);
    turn();
    await().atMost(10, TimeUnit.SECONDS).until(() -> !isPresent());

    proxy.healForNewConnections();
    connect();

    untilAnswered(1 + WINDOW + 1);
    assertThat(isPresent()).isTrue();
  }

  @Test
  void whatWasDeclinedGoesBeforeWhatCameLater() {
    StatefulRedisConnection<String, byte[]> connection = connect();
    enter();
    redis.ask(commands -> commands.configSet("min-replicas-to-write", "1"));
    tell(Script.EXIT, ROOM);
    turn();
    takeAnswers(connection);
    redis.ask(commands -> commands.configSet("min-replicas-to-write", "0"));
    assertThat(isPresent()).isTrue();

    tell(Script.ENTER, ROOM);
    turn();
    window.tick(System.nanoTime());

    untilAnswered(3);
    assertThat(isPresent()).isTrue();
  }

  @Test
  void orderIsKeptWhenScriptsHaveToBeLoadedAgain() {
    StatefulRedisConnection<String, byte[]> connection = connect();
    enter();
    redis.ask(commands -> commands.scriptFlush());
    tell(Script.EXIT, ROOM);
    tell(Script.ENTER, ROOM);
    turn();
    takeAnswers(connection);

    untilAnswered(3);
    assertThat(isPresent()).isTrue();
  }

  @Test
  void itIsIdleOnlyWhenWhatWasDeclinedIsAnswered() {
    StatefulRedisConnection<String, byte[]> connection = connect();
    enter();
    redis.ask(commands -> commands.configSet("min-replicas-to-write", "1"));
    tell(Script.EXIT, ROOM);
    turn();
    CompletableFuture<?> idle = window.idle();
    takeAnswers(connection);
    assertThat(idle).isNotDone();
    redis.ask(commands -> commands.configSet("min-replicas-to-write", "0"));
    window.tick(System.nanoTime());

    untilAnswered(2);
    assertThat(idle).isDone();
    assertThat(isPresent()).isFalse();
  }
}
