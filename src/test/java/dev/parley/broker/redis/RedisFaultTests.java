package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.Instance;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the broker's promises when Redis, or the way to it, fails. */
@Tag("redis")
@Timeout(120)
class RedisFaultTests {
  private static final Retention HISTORY =
      new Retention(50_000, Duration.ofHours(24), Long.MAX_VALUE);

  private static final Pattern SCRIPTS = Pattern.compile("cmdstat_evalsha:calls=(\\d+)");

  /** So many of the instance's own may come in between; whoever tries again does so ten times. */
  private static final long BEATS = 2;

  private final RoomName room = new RoomName("room");
  private final RoomKeys keys = RoomKeys.of(room, HISTORY);
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

  private Instance instance(String host, int port) {
    Instance instance = open(Instance.onRedis(RedisURI.create(host, port), HISTORY));
    soon().until(instance.broker::isAvailable);
    return instance;
  }

  private Instance instance(RedisProcess redis) {
    return instance(redis.host(), redis.port());
  }

  private static ConditionFactory soon() {
    return await().atMost(20, TimeUnit.SECONDS).pollInterval(Duration.ofMillis(20));
  }

  private static void assertAccepted(List<CompletableFuture<Outcome<Accepted>>> outcomes) {
    for (CompletableFuture<Outcome<Accepted>> outcome : outcomes) {
      assertThat(outcome.orTimeout(30, TimeUnit.SECONDS).join()).isInstanceOf(Accepted.class);
    }
  }

  private static List<String> numbered(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  void twoInstancesPublishingAtOnceAreHeardInOneOrder() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance one = instance(redis);
    Instance two = instance(redis);
    Instance.Channel ones = one.channel(room);
    Instance.Channel twos = two.channel(room);
    RecordingRoomListener here = ones.subscribe();
    RecordingRoomListener there = twos.subscribe();
    Publishing first = new Publishing(ones, "a", 10_000);
    Publishing second = new Publishing(twos, "b", 10_000);

    first.join();
    second.join();

    soon().until(() -> here.count() == 20_000 && there.count() == 20_000);
    assertThat(here.offsets()).isEqualTo(upTo(20_000));
    assertThat(there.offsets()).isEqualTo(here.offsets());
    assertThat(there.texts()).isEqualTo(here.texts());
    assertThat(here.texts().stream().filter(text -> text.startsWith("a")).toList())
        .isEqualTo(numbered("a", 10_000));
    assertThat(here.texts().stream().filter(text -> text.startsWith("b")).toList())
        .isEqualTo(numbered("b", 10_000));
  }

  /** Publishes numbered messages with ids, 64 of them unanswered at most, as a connection does. */
  private static final class Publishing {
    private final Instance.Channel channel;
    private final String prefix;
    private final int count;
    private final List<Outcome<Accepted>> refused = new ArrayList<>();
    private final CompletableFuture<List<Outcome<Accepted>>> done = new CompletableFuture<>();
    private int sent;
    private int answered;

    Publishing(Instance.Channel channel, String prefix, int count) {
      this.channel = channel;
      this.prefix = prefix;
      this.count = count;
      channel.home.execute(this::more);
    }

    private void more() {
      while (sent < count && sent - answered < 64) {
        String text = prefix + sent;
        sent++;
        channel.channel.publish(message(text, text), this::answered);
      }
    }

    private void answered(Outcome<Accepted> outcome) {
      answered++;
      if (outcome instanceof Refused) {
        refused.add(outcome);
      }
      if (answered == count) {
        done.complete(refused);
      }
      more();
    }

    List<Outcome<Accepted>> join() {
      return done.orTimeout(90, TimeUnit.SECONDS).join();
    }
  }

  @Test
  void forgottenScriptsAreLoadedAgain() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance one = instance(redis);
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    Publishing publishing = new Publishing(sender, "m", 3_000);
    soon().until(() -> heard.count() > 100);
    redis.ask(commands -> commands.scriptFlush());

    assertThat(publishing.join()).isEmpty();
    soon().until(() -> heard.count() == 3_000);
    assertThat(heard.texts()).isEqualTo(numbered("m", 3_000));
    redis.ask(commands -> commands.scriptFlush());
    assertThat(sender.read(1, 10).entries()).hasSize(10);
  }

  @Test
  void subscriberIsToldTheHeadAfterItsConnectionWasKilled() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance one = instance(redis);
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    Publishing publishing = new Publishing(sender, "m", 5_000);
    soon().until(() -> heard.count() > 100);
    for (int i = 1; i <= 3; i++) {
      int times = i;
      redis.ask(commands -> commands.clientKill(KillArgs.Builder.typePubsub()));
      soon().until(() -> heard.heads.size() >= times);
    }

    assertThat(publishing.join()).isEmpty();
    sender.published(message("last"));
    soon().until(() -> heard.texts().contains("last"));
    assertThatEveryOffsetIsHeardOrBelowAHead(heard, 5_001);
    assertThat(sender.log()).hasSize(5_001);
  }

  /** Offsets follow one another, but for a head that says where the log is. */
  private static void assertThatEveryOffsetIsHeardOrBelowAHead(
      RecordingRoomListener heard, long last) {
    long at = 0;
    Set<Long> seen = new HashSet<>();
    for (Object event : heard.only(Object.class)) {
      switch (event) {
        case Head head -> at = head.offset();
        case RecordingRoomListener.Message message -> {
          assertThat(message.position().offset()).isEqualTo(at + 1);
          assertThat(seen.add(at + 1)).isTrue();
          at++;
        }
        default -> {}
      }
    }
    assertThat(at).isEqualTo(last);
  }

  @Test
  void cutConnectionsLoseNothingThatHasAnId() {
    RedisProcess redis = open(RedisProcess.durable());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance one = instance(proxy.host(), proxy.port());
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = instance(redis).channel(room).subscribe();
    Publishing publishing = new Publishing(sender, "m", 5_000);
    for (int i = 1; i <= 5; i++) {
      int reached = i * 500;
      soon().until(() -> heard.count() > reached);
      proxy.cut();
    }

    assertThat(publishing.join()).isEmpty();
    soon().until(() -> heard.count() == 5_000);
    assertThat(heard.texts()).isEqualTo(numbered("m", 5_000));
    assertThat(heard.offsets()).isEqualTo(upTo(5_000));
  }

  @Test
  void swallowedReplyIsUnconfirmedWithoutAnIdAndDuplicateWithOne() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance one = instance(proxy.host(), proxy.port());
    Instance.Channel sender = one.channel(room);
    sender.published(message("before"));

    proxy.swallowReplies();
    CompletableFuture<Outcome<Accepted>> without = sender.publish(message("without"));
    soon().until(() -> redis.ask(commands -> commands.xlen(keys.log())) == 2);
    CompletableFuture<Outcome<Accepted>> with = sender.publish(message("with", "id"));
    assertThat(without).isNotDone();
    proxy.heal();
    proxy.cut();

    assertThat(without.orTimeout(10, TimeUnit.SECONDS).join())
        .isEqualTo(new Refused<>(ErrorCode.UNCONFIRMED));
    assertThat(with.orTimeout(10, TimeUnit.SECONDS).join()).isInstanceOf(Accepted.class);

    proxy.swallowReplies();
    CompletableFuture<Outcome<Accepted>> retried = sender.publish(message("retried", "retried"));
    soon().until(() -> redis.ask(commands -> commands.xlen(keys.log())) == 4);
    proxy.heal();
    proxy.cut();

    Accepted answer = (Accepted) retried.orTimeout(10, TimeUnit.SECONDS).join();
    assertThat(answer.duplicate()).isTrue();
    assertThat(answer.offset()).isEqualTo(4);
    assertThat(sender.log()).containsExactly("before", "without", "with", "retried");
  }

  @Test
  void messageThatIsNotAnsweredForIsUnconfirmedInTheEnd() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance one = instance(proxy.host(), proxy.port());
    Instance.Channel sender = one.channel(room);
    sender.published(message("before"));
    proxy.refuse();
    proxy.swallowReplies();

    CompletableFuture<Outcome<Accepted>> with = sender.publish(message("with", "id"));
    CompletableFuture<Outcome<Accepted>> later =
        CompletableFuture.supplyAsync(
            () -> sender.publish(message("later", "later")).join(),
            CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));

    assertThat(with.orTimeout(20, TimeUnit.SECONDS).join())
        .isEqualTo(new Refused<>(ErrorCode.UNCONFIRMED));
    assertThat(later.orTimeout(20, TimeUnit.SECONDS).join())
        .isEqualTo(new Refused<>(ErrorCode.BROKER_UNAVAILABLE));
    soon().until(() -> !one.broker.isAvailable());
  }

  @Test
  void messagesAreRefusedWhileRedisIsAwayAndAcceptedWhenItIsBack() {
    RedisProcess redis = open(RedisProcess.durable());
    Instance one = instance(redis);
    List<Boolean> changes = new ArrayList<>();
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    sender.published(message("before"));
    // Its answer may be sent before it is, and what is not sent when Redis is killed never is.
    soon().until(() -> heard.count() == 1);
    one.broker.onAvailability(() -> changes.add(one.broker.isAvailable()));

    redis.kill();
    soon().until(() -> !one.broker.isAvailable());
    assertThat(sender.published(message("away", "id")))
        .isEqualTo(new Refused<>(ErrorCode.BROKER_UNAVAILABLE));
    assertThat(sender.outcomeOfRead(1, 10, RoomChannel.PAGE_BYTES))
        .isEqualTo(Outcome.unavailable());
    assertThat(sender.outcomeOfPresent(null, 10)).isEqualTo(Outcome.unavailable());
    redis.start();
    soon().until(one.broker::isAvailable);

    assertThat(sender.published(message("after"))).isInstanceOf(Accepted.class);
    // The subscription may be back only now: then the head tells of the message.
    soon().untilAsserted(() -> assertThatEveryOffsetIsHeardOrBelowAHead(heard, 2));
    assertThat(changes).containsExactly(false, true);
  }

  @Test
  void actionRunsBehindAPublishWhileRedisIsAway() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance one = instance(redis);
    Instance.Channel sender = one.channel(room);
    sender.subscribe();
    redis.kill();
    soon().until(() -> !one.broker.isAvailable());
    List<String> order = new CopyOnWriteArrayList<>();
    sender.home.run(() -> {
      sender.channel.publish(message("away", "id"), outcome -> order.add(outcome.toString()));
      sender.channel.behind(() -> order.add("behind"));
    });

    assertThat(order).isEmpty();
    soon().until(() -> order.size() == 2);
    assertThat(order).containsExactly(Outcome.unavailable().toString(), "behind");
    assertThat(sender.home.call(sender.channel::isIdle)).isTrue();
  }

  @Test
  void channelIsNotIdleWhileRedisIsNotToldWhoLeft() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance.Channel channel = instance(proxy.host(), proxy.port()).channel(room);
    channel.home.run(() -> channel.channel.enter(Instance.ANN, "Ann"));
    soon().until(() -> channel.home.call(channel.channel::isIdle));
    proxy.swallowReplies();
    channel.home.run(() -> channel.channel.exit(Instance.ANN));
    assertThat(channel.home.call(channel.channel::isIdle)).isFalse();
    proxy.heal();
    proxy.cut();
    soon().until(() -> channel.home.call(channel.channel::isIdle));
    assertThat(redis.<Long>ask(commands -> commands.exists(keys.presence()))).isZero();
  }

  @Test
  void coldRoomCannotBeOpenedWithoutRedis() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance one = instance(redis);
    Instance.Channel channel = one.channel(room);
    redis.kill();
    RecordingRoomListener heard = new RecordingRoomListener();
    channel.home.run(() -> channel.channel.subscribe(heard));

    soon().until(() -> heard.failures.get() == 1);
    assertThat(heard.opened).isEmpty();
    redis.start();
    assertThat(channel.subscribe().opened).hasSize(1);
  }

  @Test
  void restartThatLosesNothingContinuesUnderANewEpoch() {
    RedisProcess redis = open(RedisProcess.durable());
    Instance one = instance(redis);
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    Epoch before = heard.opened.getFirst().epoch();
    Publishing publishing = new Publishing(sender, "m", 4_000);
    soon().until(() -> heard.count() > 500);
    redis.restart();

    assertThat(publishing.join()).isEmpty();
    sender.published(message("last"));
    assertThat(sender.log()).isEqualTo(concat(numbered("m", 4_000), "last"));
    // The subscription may be back only now: then the head tells of the message.
    soon().untilAsserted(() -> assertThatEveryOffsetIsHeardOrBelowAHead(heard, 4_001));
    Head head = heard.heads.getLast();
    assertThat(head.epoch()).isNotEqualTo(before);
    assertThat(head.lineage()).hasSize(1);
    long end = head.lineage().getFirst().offset();
    assertThat(head.continues(new Position(before, end))).isTrue();
    assertThat(head.continues(new Position(before, end + 1))).isFalse();
    Set<Position> positions = new HashSet<>();
    heard.messages().forEach(each -> assertThat(positions.add(each.position())).isTrue());
  }

  private static List<String> concat(List<String> some, String last) {
    List<String> all = new ArrayList<>(some);
    all.add(last);
    return all;
  }

  @Test
  void restartThatLostTheEndOfTheLogTellsWhoSawIt() throws IOException {
    RedisProcess redis = open(RedisProcess.durable());
    Instance one = instance(redis);
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    Epoch before = heard.opened.getFirst().epoch();
    for (int i = 1; i <= 6; i++) {
      sender.published(message("kept" + i, "kept" + i));
    }
    long kept = Files.size(redis.appendOnlyFile());
    for (int i = 7; i <= 10; i++) {
      sender.published(message("lost" + i, "lost" + i));
    }
    soon().until(() -> heard.count() == 10);
    redis.kill();
    try (RandomAccessFile file = new RandomAccessFile(redis.appendOnlyFile().toFile(), "rw")) {
      file.setLength(kept);
    }
    redis.start();

    soon().until(() -> !heard.heads.isEmpty());
    Head head = heard.heads.getLast();
    assertThat(head.epoch()).isNotEqualTo(before);
    assertThat(head.offset()).isEqualTo(6);
    assertThat(head.lineage()).containsExactly(new Position(before, 6));
    assertThat(head.continues(new Position(before, 6))).isTrue();
    assertThat(head.continues(new Position(before, 7))).isFalse();
    Accepted next = (Accepted) sender.published(message("next"));
    assertThat(next.offset()).isEqualTo(7);
    assertThat(next.epoch()).isEqualTo(head.epoch());
    assertThat(((Accepted) sender.published(message("kept3", "kept3"))).duplicate()).isTrue();
    assertThat(((Accepted) sender.published(message("lost8", "lost8"))).duplicate()).isFalse();
  }

  @Test
  void flushedRedisBeginsANewNumbering() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance one = instance(redis);
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    Epoch before = heard.opened.getFirst().epoch();
    sender.published(message("one", "one"));
    sender.home.run(() -> sender.channel.enter(Instance.ANN, "Ann"));
    soon().until(() -> heard.presence.size() == 1);

    redis.ask(commands -> commands.flushall());
    Accepted next = (Accepted) sender.published(message("one", "one"));

    assertThat(next.duplicate()).isFalse();
    assertThat(next.offset()).isEqualTo(1);
    assertThat(next.epoch()).isNotEqualTo(before);
    soon().until(() -> !heard.heads.isEmpty());
    Head head = heard.heads.getFirst();
    assertThat(head.epoch()).isEqualTo(next.epoch());
    assertThat(head.lineage()).isEmpty();
    assertThat(head.continues(new Position(before, 1))).isFalse();
    assertThat(sender.log()).containsExactly("one");
    soon().until(() -> redis.ask(commands -> commands.hlen(keys.presence())) == 1);
  }

  @Test
  void numberingGoesOnWhereOnlyTheLogIsLost() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance.Channel sender = instance(redis).channel(room);
    RecordingRoomListener heard = sender.subscribe();
    sender.published(message("one"));
    sender.published(message("two"));
    redis.ask(commands -> commands.xtrim(keys.log(), 0));
    assertThat(sender.read(1, 10).oldest()).isEqualTo(3);
    sender.published(message("three"));
    redis.ask(commands -> commands.del(keys.log()));
    Accepted next = (Accepted) sender.published(message("four"));

    assertThat(next.offset()).isEqualTo(4);
    LogPage page = sender.read(1, 10);
    assertThat(page.oldest()).isEqualTo(4);
    assertThat(page.entries()).hasSize(1);
    soon().until(() -> heard.count() == 4);
    assertThat(heard.heads).isEmpty();
  }

  @Test
  void redisThatIsFullRefusesWholeBatches() {
    RedisProcess redis = open(RedisProcess.launch("maxmemory-policy noeviction"));
    Instance.Channel sender = instance(redis).channel(room);
    RecordingRoomListener heard = sender.subscribe();
    sender.published(message("before", "before"));
    redis.ask(commands -> commands.configSet("maxmemory", "1"));

    List<CompletableFuture<Outcome<Accepted>>> outcomes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      outcomes.add(sender.publish(message("refused" + i, "refused" + i)));
    }
    for (CompletableFuture<Outcome<Accepted>> outcome : outcomes) {
      assertThat(outcome.orTimeout(20, TimeUnit.SECONDS).join())
          .isEqualTo(new Refused<>(ErrorCode.BROKER_UNAVAILABLE));
    }
    redis.ask(commands -> commands.configSet("maxmemory", "0"));
    List<CompletableFuture<Outcome<Accepted>>> again = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      again.add(sender.publish(message("refused" + i, "refused" + i)));
    }

    assertAccepted(again);
    for (CompletableFuture<Outcome<Accepted>> outcome : again) {
      assertThat(((Accepted) outcome.join()).duplicate()).isFalse();
    }
    assertThat(sender.log()).hasSize(11);
    soon().until(() -> heard.count() == 11);
    assertThat(heard.offsets()).isEqualTo(upTo(11));
  }

  @Test
  void fullRedisIsAskedOnceForAMessageInANewRoomOrAKnownOne() {
    RedisProcess redis = open(RedisProcess.launch("maxmemory-policy noeviction"));
    Instance one = instance(redis);
    Instance.Channel known = one.channel(room);
    known.published(message("before"));
    redis.ask(commands -> commands.configSet("maxmemory", "1"));

    assertThatItIsAskedOnce(redis, known);
    assertThatItIsAskedOnce(redis, one.channel(new RoomName("new")));
  }

  @Test
  void fullRedisIsAskedOnceToOpenANewRoomOrToDelete() {
    RedisProcess redis = open(RedisProcess.launch("maxmemory-policy noeviction"));
    Instance one = instance(redis);
    Instance.Channel known = one.channel(room);
    known.published(message("before"));
    redis.ask(commands -> commands.configSet("maxmemory", "1"));
    long before = scripts(redis);

    assertThat(known.delete(1)).isEqualTo(Outcome.unconfirmed());
    assertThat(scripts(redis) - before).isBetween(1L, 1L + BEATS);
    long opening = scripts(redis);
    Instance.Channel fresh = one.channel(new RoomName("new"));
    RecordingRoomListener refused = new RecordingRoomListener();
    fresh.home.run(() -> fresh.channel.subscribe(refused));
    soon().until(() -> refused.failures.get() == 1);
    assertThat(scripts(redis) - opening).isBetween(1L, 1L + BEATS);

    redis.ask(commands -> commands.configSet("maxmemory", "0"));
    fresh.subscribe();
    assertThat(known.delete(1)).isEqualTo(Deletion.DELETED);
  }

  @Test
  void redisThatCannotSaveIsAskedOnceForAMessage() {
    RedisProcess redis = open(RedisProcess.launch("save 900 1"));
    Instance.Channel sender = instance(redis).channel(room);
    sender.published(message("before"));
    redis.failSnapshots();

    assertThatItIsAskedOnce(redis, sender);
  }

  private static void assertThatItIsAskedOnce(RedisProcess redis, Instance.Channel sender) {
    long before = scripts(redis);
    assertThat(sender.published(message("refused", "refused")))
        .isEqualTo(new Refused<>(ErrorCode.BROKER_UNAVAILABLE));
    assertThat(scripts(redis) - before).isBetween(1L, 1L + BEATS);
  }

  /** How many were run, or were to be. */
  private static long scripts(RedisProcess redis) {
    Matcher found = SCRIPTS.matcher(redis.ask(commands -> commands.info("commandstats")));
    assertThat(found.find()).isTrue();
    return Long.parseLong(found.group(1));
  }

  @Test
  void briefLackOfReplicasIsWaitedOut() {
    RedisProcess redis = open(RedisProcess.launch());
    Instance.Channel sender = instance(redis).channel(room);
    sender.published(message("before"));
    redis.ask(commands -> commands.configSet("min-replicas-to-write", "1"));
    CompletableFuture<Outcome<Accepted>> first = sender.publish(message("first"));
    CompletableFuture<Outcome<Accepted>> second = sender.publish(message("second"));
    await().pollDelay(Duration.ofMillis(500)).until(() -> !first.isDone());
    redis.ask(commands -> commands.configSet("min-replicas-to-write", "0"));

    assertAccepted(List.of(first, second));
    assertThat(sender.log()).containsExactly("before", "first", "second");
  }

  @Test
  void slowRedisBoundsWhatIsHeld() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance one = instance(proxy.host(), proxy.port());
    Instance.Channel sender = one.channel(room);
    sender.published(message("before"));
    proxy.delay(Duration.ofSeconds(2));
    List<Outcome<Accepted>> refused = new ArrayList<>();
    int most = Backlog.MESSAGES;
    sender.home.run(() -> {
      for (int i = 0; i < most + 100; i++) {
        int number = i;
        sender.channel.publish(
            message("m" + i),
            outcome -> {
              if (number >= most) {
                refused.add(outcome);
              }
            });
      }
    });
    proxy.heal();

    soon().until(() -> sender.home.call(refused::size) == 100);
    assertThat(refused).containsOnly(new Refused<>(ErrorCode.BROKER_UNAVAILABLE));
    assertThat(sender.published(message("after"))).isInstanceOf(Accepted.class);
  }

  @Test
  void slowRedisIsNeitherUnavailableNorUnsure() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance one = instance(proxy.host(), proxy.port());
    Instance.Channel sender = one.channel(room);
    RecordingRoomListener heard = sender.subscribe();
    sender.published(message("before"));
    List<Boolean> changes = new ArrayList<>();
    one.broker.onAvailability(() -> changes.add(one.broker.isAvailable()));
    proxy.delay(Duration.ofSeconds(1));

    Publishing publishing = new Publishing(sender, "m", 256);

    assertThat(publishing.join()).isEmpty();
    assertThat(changes).isEmpty();
    soon().until(() -> heard.count() == 257);
    assertThat(heard.heads).isEmpty();
  }

  @Test
  void connectionsThatFallSilentAreReplaced() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance.Channel receiver = instance(proxy.host(), proxy.port()).channel(room);
    RecordingRoomListener heard = receiver.subscribe();
    proxy.swallowReplies();
    instance(redis).channel(room).published(message("missed"));
    proxy.healForNewConnections();

    soon().until(() -> !heard.heads.isEmpty());
    assertThat(heard.heads.getFirst().offset()).isEqualTo(1);
    assertThat(receiver.log()).containsExactly("missed");
  }

  /** Nothing but signals goes through it, and none of them is ever answered. */
  @Test
  void silentConnectionForSignalsHoldsABoundedNumberAndIsReplaced() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Instance.Channel sender = instance(proxy.host(), proxy.port()).channel(room);
    sender.published(message("opens the connection"));
    RecordingRoomListener heard = instance(redis).channel(room).subscribe();
    proxy.swallowReplies();
    sender.home.run(() -> {
      for (int i = 0; i < Backlog.MESSAGES + 1_000; i++) {
        sender.channel.signal(message("late"));
      }
    });
    proxy.healForNewConnections();

    soon().until(() -> heard.only(Entry.class).size() >= Backlog.MESSAGES);
    soon()
        .until(() -> {
          sender.home.run(() -> sender.channel.signal(message("new")));
          return heard.only(Entry.class).size() > Backlog.MESSAGES;
        });
    assertThat(new String(heard.only(Entry.class).get(Backlog.MESSAGES).tail(), UTF_8))
        .isEqualTo("new");
  }
}
