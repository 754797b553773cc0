package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.BrokerContract;
import dev.parley.broker.Instance;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.Present;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is in a room when an instance, or Redis, ends or pauses without a word. */
@Tag("redis")
@Timeout(120)
class PresenceLeaseTests {
  private static final UserId ANN = Instance.ANN;
  private static final UserId BOB = new UserId("bob");
  private static final UserId CAROL = new UserId("carol");

  private final RoomName room = new RoomName("room");
  private final RoomKeys keys = RoomKeys.of(room, BrokerContract.HISTORY);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final RedisProcess redis = open(RedisProcess.launch());

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

  private Instance instance(RedisURI uri) {
    Instance instance = open(Instance.onRedis(uri, BrokerContract.HISTORY));
    soon().until(instance.broker::isAvailable);
    return instance;
  }

  private Instance instance() {
    return instance(redis.uri());
  }

  private Instance instanceBehind(TcpProxy proxy) {
    return instance(RedisURI.create(proxy.host(), proxy.port()));
  }

  private static ConditionFactory soon() {
    return await().atMost(30, TimeUnit.SECONDS).pollInterval(Duration.ofMillis(20));
  }

  private static void enter(Instance.Channel channel, UserId... users) {
    channel.home.run(() -> {
      for (UserId user : users) {
        channel.channel.enter(user, user.value());
      }
    });
  }

  private static void exit(Instance.Channel channel, UserId user) {
    channel.home.run(() -> channel.channel.exit(user));
  }

  private static List<String> changes(RecordingRoomListener heard) {
    return heard.presence.stream()
        .map(change -> (change.joined() ? "+" : "-") + change.user().value())
        .toList();
  }

  private static void hears(RecordingRoomListener heard, String... expected) {
    soon().untilAsserted(() -> assertThat(changes(heard)).containsExactly(expected));
  }

  private String entry(UserId user) {
    byte[] stored = redis.ask(commands -> commands.hget(keys.presence(), user.value()));
    return stored == null ? "" : new String(stored, UTF_8);
  }

  private static String incarnation(Instance instance) {
    Incarnation current = ((RedisBroker) instance.broker).leases().current();
    return current == null ? "none" : current.name();
  }

  private Map<String, byte[]> records(String key) {
    return redis.ask(commands -> commands.hgetall(key));
  }

  @Test
  void usersOfAnInstanceThatDiedLeaveOnceUnlessTheyAreElsewhere() {
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance dying = instanceBehind(proxy);
    Instance.Channel there = dying.channel(room);
    Instance.Channel here = instance().channel(room);
    Instance.Channel elsewhere = instance().channel(room);
    RecordingRoomListener heard = here.subscribe();
    RecordingRoomListener also = elsewhere.subscribe();
    enter(there, ANN, BOB, CAROL);
    hears(heard, "+ann", "+bob", "+carol");
    enter(here, ANN);
    soon().until(() -> here.present(null, 1).getFirst().instances() == 2);
    String dead = incarnation(dying);
    long killed = System.nanoTime();
    proxy.refuse();
    proxy.cut();

    soon().until(() -> records(RoomKeys.DEAD).containsKey(dead));
    assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(10));
    // Back before the grace time is over.
    enter(elsewhere, CAROL);
    hears(heard, "+ann", "+bob", "+carol", "-bob");
    soon().until(() -> records(RoomKeys.DEAD).isEmpty());

    assertThat(changes(heard)).containsExactly("+ann", "+bob", "+carol", "-bob");
    assertThat(changes(also)).containsExactly("+ann", "+bob", "+carol", "-bob");
    assertThat(heard.presence.getLast().members()).isEqualTo(2);
    assertThat(here.present(null, 10).stream().map(Present::instances)).containsExactly(1, 1);
    assertThat(records(RoomKeys.roomsOf(new Incarnation(dead)))).isEmpty();
    exit(here, ANN);
    hears(heard, "+ann", "+bob", "+carol", "-bob", "-ann");
  }

  @Test
  void pausedInstanceThatComesBackHasItsUsersInTheRoomAgainUnderANewName() {
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance pausing = instanceBehind(proxy);
    Instance.Channel there = pausing.channel(room);
    Instance.Channel here = instance().channel(room);
    RecordingRoomListener heard = here.subscribe();
    enter(here, ANN);
    hears(heard, "+ann");
    enter(there, BOB, CAROL);
    hears(heard, "+ann", "+bob", "+carol");
    String former = incarnation(pausing);
    proxy.hold();
    // What the instance did before it noticed that it was cut off.
    exit(there, CAROL);
    soon().until(() -> heard.presence.size() == 5);
    proxy.heal();

    hears(heard, changesOf("+ann", "+bob", "+carol", changes(heard).subList(3, 5), "+bob"));
    assertThat(incarnation(pausing)).isNotEqualTo(former);
    soon().until(() -> records(RoomKeys.DEAD).isEmpty());
    assertThat(entry(BOB)).contains(incarnation(pausing)).doesNotContain(former);
    assertThat(entry(CAROL)).isEmpty();
    assertThat(heard.presence.getLast().members()).isEqualTo(2);
    exit(there, BOB);
    soon().until(() -> entry(BOB).isEmpty());
  }

  private static String[] changesOf(
      String first, String second, String third, List<String> swept, String last) {
    List<String> all = new ArrayList<>(List.of(first, second, third));
    all.addAll(swept);
    all.add(last);
    return all.toArray(String[]::new);
  }

  @Test
  void presenceIsWholeWithinTenSecondsAfterRedisWasRestartedEmpty() {
    Instance.Channel one = instance().channel(room);
    Instance.Channel two = instance().channel(room);
    RecordingRoomListener heard = one.subscribe();
    two.subscribe();
    enter(one, ANN, BOB);
    enter(two, BOB, CAROL);
    soon().until(() -> one.present(null, 10).size() == 3);
    redis.restart();
    long restarted = System.nanoTime();

    soon()
        .until(() ->
            entry(ANN).contains("ann")
                && entry(CAROL).contains("carol")
                && entry(BOB).replaceAll(".*\"at\":\\{([^}]*)}.*", "$1").split(",").length == 2);

    assertThat(Duration.ofNanos(System.nanoTime() - restarted)).isLessThan(Duration.ofSeconds(10));
    assertThat(heard.presence).noneMatch(change -> !change.joined());
  }

  @Test
  void whoLeftWithoutThatBeingKeptIsNoGhostAfterARestart() {
    RedisProcess durable = open(RedisProcess.durable());
    Instance one = instance(durable.uri());
    Instance.Channel channel = one.channel(room);
    RecordingRoomListener heard = channel.subscribe();
    enter(channel, ANN);
    hears(heard, "+ann");
    // As if the removal of Bob had been lost.
    String ghost =
        "{\"since\":\"1\",\"username\":\"Bob\",\"at\":{\"%s\":1}}".formatted(incarnation(one));
    durable.ask(commands -> commands.hset(keys.presence(), "bob", ghost.getBytes(UTF_8)));
    durable.restart();

    soon().until(() -> changes(heard).contains("-bob"));
    assertThat(changes(heard)).containsExactly("+ann", "-bob");
    assertThat(channel.present(null, 10).stream().map(Present::user)).containsExactly(ANN);
  }

  @Test
  void instanceThatStartedAloneAfterACrashSweepsItsPredecessor() {
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    enter(instanceBehind(proxy).channel(room), ANN);
    soon().until(() -> !entry(ANN).isEmpty());
    proxy.refuse();
    proxy.cut();

    RecordingRoomListener heard = instance().channel(room).subscribe();

    hears(heard, "-ann");
  }

  @Test
  void tenThousandReturnWithoutAWordAndWithoutHoldingTheirHomeUp() {
    int count = 10_000;
    Instance one = instance();
    Instance.Channel channel = one.channel(room);
    channel.home.run(() -> {
      for (int i = 0; i < count; i++) {
        channel.channel.enter(new UserId("u" + i), "U");
      }
    });
    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> redis.ask(commands -> commands.hlen(keys.presence())) == count);
    RecordingRoomListener heard = instance().channel(room).subscribe();
    String former = incarnation(one);
    // The script that it beats with tells it that it is dead.
    redis.ask(commands -> commands.hdel(RoomKeys.BEATS, former));

    long longest = 0;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (records(RoomKeys.DEAD).isEmpty() && System.nanoTime() < end) {
      long asked = System.nanoTime();
      channel.home.run(() -> {});
      longest = Math.max(longest, System.nanoTime() - asked);
    }
    soon().until(() -> records(RoomKeys.DEAD).isEmpty());

    assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofMillis(500));
    String last = entry(new UserId("u" + (count - 1)));
    assertThat(last).contains(incarnation(one)).doesNotContain(former);
    assertThat(redis.<Long>ask(commands -> commands.hlen(keys.presence()))).isEqualTo(count);
    assertThat(heard.presence).isEmpty();
  }

  @Test
  void roomIsRegisteredWhileAnybodyIsInIt() {
    Instance one = instance();
    Instance.Channel channel = one.channel(room);
    RecordingRoomListener heard = channel.subscribe();
    enter(channel, ANN, BOB);
    hears(heard, "+ann", "+bob");
    String rooms = RoomKeys.roomsOf(new Incarnation(incarnation(one)));
    assertThat(records(rooms)).containsOnlyKeys("room");
    exit(channel, ANN);
    hears(heard, "+ann", "+bob", "-ann");
    assertThat(records(rooms)).containsOnlyKeys("room");

    exit(channel, BOB);
    soon().until(() -> records(rooms).isEmpty());
    soon().until(() -> channel.home.call(channel.channel::isIdle));
    enter(channel, ANN);
    hears(heard, "+ann", "+bob", "-ann", "-bob", "+ann");
    assertThat(records(rooms)).containsOnlyKeys("room");
  }

  @Test
  void roomThatIsKeptForLongIsKeptAsLongWhenItWasSwept() {
    Duration age = Duration.ofDays(30);
    Instance one = open(Instance.onRedis(redis.uri(), new Retention(1_000, age, Long.MAX_VALUE)));
    soon().until(one.broker::isAvailable);
    Instance.Channel channel = one.channel(room);
    RecordingRoomListener heard = channel.subscribe();
    channel.published(message("kept"));
    enter(channel, ANN);
    hears(heard, "+ann");
    new RedisInstanceRecords(((RedisBroker) one.broker).commands())
        .sweep(new Incarnation(incarnation(one)), room.value())
        .toCompletableFuture()
        .orTimeout(10, TimeUnit.SECONDS)
        .join();

    hears(heard, "+ann", "-ann");
    long left = redis.ask(commands -> commands.pttl(keys.meta()));
    assertThat(Duration.ofMillis(left))
        .isBetween(age.multipliedBy(2).minusMinutes(5), age.multipliedBy(2));
  }

  @Test
  void instanceThatClosesLeavesNothingBehind() {
    Instance closing = instance();
    Instance.Channel channel = closing.channel(room);
    RecordingRoomListener heard = instance().channel(room).subscribe();
    enter(channel, ANN);
    hears(heard, "+ann");
    String name = incarnation(closing);
    exit(channel, ANN);
    closing.close();

    hears(heard, "+ann", "-ann");
    assertThat(records(RoomKeys.BEATS)).doesNotContainKey(name);
    assertThat(records(RoomKeys.DEAD)).isEmpty();
    assertThat(records(RoomKeys.roomsOf(new Incarnation(name)))).isEmpty();
  }

  @Test
  void instanceThatClosesWithUsersInRoomsIsSweptByAnother() {
    Instance closing = instance();
    RecordingRoomListener heard = instance().channel(room).subscribe();
    enter(closing.channel(room), ANN);
    hears(heard, "+ann");
    closing.close();

    hears(heard, "+ann", "-ann");
    PresenceChange left = heard.presence.getLast();
    assertThat(left.members()).isZero();
  }
}
