package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static dev.parley.broker.Instance.soon;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.BrokerContract;
import dev.parley.broker.Deletion;
import dev.parley.broker.Instance;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.ReadMarks;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import dev.parley.support.RedisProcess;
import dev.parley.support.SharedRedis;
import io.lettuce.core.KillArgs;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class RedisBrokerTests extends BrokerContract {
  private final RoomKeys keys = RoomKeys.of(room, HISTORY);

  @Override
  protected Instance create(Retention history) {
    return Instance.onRedis(SharedRedis.uri(), history);
  }

  private static <T> T ask(Function<RedisCommands<String, byte[]>, T> question) {
    return RedisProcess.ask(SharedRedis.uri(), question);
  }

  /** Makes what the room has older: the clock of Redis itself cannot be set. */
  @Override
  protected void moveClock(Duration by) {
    ask(redis -> {
      for (String ids : List.of(keys.even(), keys.odd())) {
        older(redis, ids, "end", by);
      }
      older(redis, keys.meta(), "x", by);
      List<StreamMessage<String, byte[]>> log = redis.xrange(keys.log(), Range.unbounded());
      redis.del(keys.log());
      for (StreamMessage<String, byte[]> each : log) {
        long stored = Long.parseLong(new String(each.getBody().get("t"), US_ASCII));
        redis.xadd(
            keys.log(),
            new XAddArgs().id(each.getId()),
            "f",
            each.getBody().get("f"),
            "t",
            PrimaryState.ascii(stored - by.toMillis()));
      }
      List<String> tombstones = text(redis.zrange(keys.deleted(), 0, -1));
      redis.del(keys.deleted());
      for (String each : tombstones) {
        String[] parts = each.split(":", 3);
        long stored = Long.parseLong(parts[1]) - by.toMillis();
        redis.zadd(
            keys.deleted(),
            Double.parseDouble(parts[0]),
            (parts[0] + ':' + stored + ':' + parts[2]).getBytes(US_ASCII));
      }
      return 0;
    });
  }

  private static List<String> text(List<byte[]> members) {
    return members.stream().map(member -> new String(member, US_ASCII)).toList();
  }

  private static void older(
      RedisCommands<String, byte[]> redis, String key, String field, Duration by) {
    byte[] time = redis.hget(key, field);
    if (time != null) {
      long moved = Long.parseLong(new String(time, US_ASCII)) - by.toMillis();
      redis.hset(key, field, PrimaryState.ascii(moved));
    }
  }

  /** Lets whole periods of five minutes pass. */
  private void age(int periods) {
    moveClock(Duration.ofMinutes(5).multipliedBy(periods));
  }

  @Test
  void idIsRememberedThroughTheNextPeriodAndForgottenAfterIt() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("once", "id"));
    age(1);
    sender.published(message("other", "other"));

    assertThat(((Accepted) sender.published(message("once", "id"))).duplicate()).isTrue();
    age(1);
    assertThat(((Accepted) sender.published(message("once", "id"))).duplicate()).isFalse();
    assertThat(((Accepted) sender.published(message("other", "other"))).duplicate()).isTrue();
  }

  @Test
  void marksLiveAsLongAsTheRoomAndAreVoidWithoutIt() {
    Instance.Channel channel = instance().channel(room);
    channel.published(message("a"));
    channel.published(message("b"));
    channel.markRead(new ReadMark(Instance.ANN, 2));
    assertThat(RedisBrokerTests.<Long>ask(redis -> redis.pttl(keys.reads())))
        .isBetween(HISTORY.idle().toMillis() - 60_000, HISTORY.idle().toMillis());
    ask(redis -> redis.pexpire(keys.reads(), 60_000));
    assertThat(channel.readMarks(List.of(Instance.ANN), null, 1).own()).containsExactly(2L);
    assertThat(RedisBrokerTests.<Long>ask(redis -> redis.pttl(keys.reads()))).isGreaterThan(60_000);

    ask(redis -> redis.del(keys.meta()));
    channel.published(message("c"));
    assertThat(channel.readMarks(List.of(Instance.ANN), null, 1).newest()).isEmpty();
    channel.markRead(new ReadMark(new UserId("bob"), 1));
    assertThat(channel.readMarks(List.of(Instance.ANN), null, 10).newest())
        .containsExactly(new ReadMark(new UserId("bob"), 1));
  }

  @Test
  void roomKeepsTheMarksThatAreFurthest() {
    Instance.Channel channel = instance().channel(room);
    channel.published(message("a"));
    channel.published(message("b"));
    ask(redis -> {
      redis.hset(keys.meta(), "r", new byte[] {'1'});
      for (int i = 0; i < ReadMarks.MOST_KEPT; i++) {
        redis.zadd(keys.reads(), 1, ("user" + i).getBytes(US_ASCII));
      }
      return 0;
    });
    channel.markRead(new ReadMark(Instance.ANN, 2));
    assertThat(RedisBrokerTests.<Long>ask(redis -> redis.zcard(keys.reads())))
        .isEqualTo(ReadMarks.MOST_KEPT);
    assertThat(channel.readMarks(List.of(), null, 1).newest())
        .containsExactly(new ReadMark(Instance.ANN, 2));
  }

  @Test
  void idIsForgottenWhenNothingWasPublishedForLong() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("once", "id"));
    age(2);

    assertThat(((Accepted) sender.published(message("once", "id"))).duplicate()).isFalse();
    assertThat(((Accepted) sender.published(message("once", "id"))).duplicate()).isTrue();
  }

  @Test
  void idIsRememberedWhenTheClockStepsBack() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("once", "id"));
    age(-1);

    assertThat(((Accepted) sender.published(message("once", "id"))).duplicate()).isTrue();
    sender.published(message("other", "other"));
    assertThat(((Accepted) sender.published(message("other", "other"))).duplicate()).isTrue();
  }

  @Test
  void everyKeyOfALogExpires() {
    instance().channel(room).published(message("once", "id"));

    long week = Duration.ofDays(7).toMillis();
    long retention = HISTORY.age().toMillis();
    assertThat(timeToLive(keys.meta())).isBetween(week - 60_000, week);
    assertThat(timeToLive(keys.log())).isBetween(retention - 60_000, retention);
    List<String> all = ask(redis -> redis.keys(keys.channel() + ":*"));
    assertThat(all).hasSize(3).allSatisfy(key -> assertThat(timeToLive(key)).isPositive());
  }

  @Test
  void roomWhoseLogHasExpiredIsEmptyAndItsNumbersContinue() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("m1"));
    sender.published(message("m2"));
    ask(redis -> redis.pexpire(keys.log(), 1));
    soon().until(() -> timeToLive(keys.log()) == -2);

    assertThat(sender.log()).isEmpty();
    assertThat(sender.read(1, 10).oldest()).isEqualTo(3);
    assertThat(((Accepted) sender.published(message("m3"))).offset()).isEqualTo(3);
    assertThat(sender.read(1, 10).oldest()).isEqualTo(3);
    assertThat(sender.log()).containsExactly("m3");
  }

  @Test
  void roomWithoutAMessageLivesBriefly() {
    Instance.Channel channel = instance().channel(room);
    channel.subscribe();
    channel.home.run(() -> channel.channel.enter(Instance.ANN, "Ann"));
    soon().until(() -> timeToLive(keys.presence()) > 0);

    long briefly = Duration.ofMinutes(10).toMillis();
    assertThat(timeToLive(keys.meta())).isBetween(briefly - 60_000, briefly);
    assertThat(timeToLive(keys.presence())).isBetween(briefly - 60_000, briefly);
    channel.published(message("first"));
    assertThat(timeToLive(keys.meta())).isGreaterThan(Duration.ofDays(6).toMillis());
  }

  @Test
  void roomWithoutAMessageIsKeptWhileItIsOpen() {
    Instance one = instance();
    Instance.Channel channel = one.channel(room);
    RecordingRoomListener heard = channel.subscribe();
    channel.home.run(() -> channel.channel.enter(Instance.ANN, "Ann"));
    soon().until(() -> timeToLive(keys.presence()) > 0);
    soonGone(keys.meta());
    soonGone(keys.presence());

    refresh(one);
    soon().until(() -> timeToLive(keys.meta()) > 500_000);
    soon().until(() -> timeToLive(keys.presence()) > 500_000);
    channel.published(message("first"));
    refresh(one);
    soon().until(() -> timeToLive(keys.presence()) > Duration.ofDays(6).toMillis());
    assertThat(heard.heads).isEmpty();
    assertThat(heard.presence).hasSize(1);
  }

  @Test
  void presenceIsKeptWhileTheRoomIsOpenThoughNobodyComesOrGoes() {
    Instance one = instance();
    Instance.Channel channel = one.channel(room);
    channel.subscribe();
    channel.home.run(() -> channel.channel.enter(Instance.ANN, "Ann"));
    channel.published(message("first"));
    refresh(one);
    soon().until(() -> timeToLive(keys.presence()) > Duration.ofDays(6).toMillis());
    soonGone(keys.presence());

    for (int turn = 0; turn < 2 * RedisBroker.REFRESHES_A_DAY; turn++) {
      refresh(one);
    }
    soon().until(() -> timeToLive(keys.presence()) > Duration.ofDays(6).toMillis());
  }

  @Test
  void roomThatLapsedWhileItWasOpenIsFoundOut() {
    Instance one = instance();
    RecordingRoomListener heard = one.channel(room).subscribe();
    ask(redis -> redis.del(keys.meta()));

    refresh(one);

    soon().until(() -> !heard.heads.isEmpty());
    assertThat(heard.heads.getFirst().epoch()).isNotEqualTo(heard.opened.getFirst().epoch());
  }

  private static void soonGone(String key) {
    ask(redis -> redis.pexpire(key, 100_000));
  }

  private static void refresh(Instance instance) {
    for (int turn = 0; turn < RedisBroker.REFRESH_TURNS; turn++) {
      ((RedisBroker) instance.broker).refresh();
    }
  }

  private static long timeToLive(String key) {
    return ask(redis -> redis.pttl(key));
  }

  @Test
  void unknownPayloadsAreIgnored() {
    Instance.Channel sender = instance().channel(room);
    RecordingRoomListener heard = sender.subscribe();
    for (byte[] payload :
        new byte[][] {
          {}, {2}, {1, 9}, {1, 1, 0}, new byte[28], "{\"text\":1}".getBytes(US_ASCII)
        }) {
      ask(redis -> redis.publish(keys.channel(), payload));
    }
    sender.published(message("after"));

    soon().until(() -> heard.count() == 1);
    assertThat(heard.events).hasSize(2);
  }

  @Test
  void contentOfADeletedMessageIsOutOfTheStreamAndTombstonesExpire() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("m1"));
    sender.published(message("secret"));
    sender.delete(2);

    long kept = ask(redis -> redis.xlen(keys.log()));
    assertThat(kept).isEqualTo(1);
    long retention = HISTORY.age().toMillis();
    assertThat(timeToLive(keys.deleted())).isBetween(retention - 60_000, retention);
    List<String> all = ask(redis -> redis.keys(keys.channel() + ":*"));
    assertThat(all).allSatisfy(key -> assertThat(timeToLive(key)).isPositive());
  }

  @Test
  void deletionThatIsRunAgainForWantOfAnAnswerIsStillOne() {
    Instance one = instance();
    Instance.Channel channel = one.channel(room);
    RecordingRoomListener heard = channel.subscribe();
    channel.published(message("m1"));

    assertThat(runDeletion(one, "a")).isEqualTo(1);
    assertThat(runDeletion(one, "a")).isEqualTo(1);
    assertThat(runDeletion(one, "b")).isZero();
    channel.published(message("m2"));

    soon().until(() -> heard.count() == 2);
    assertThat(heard.only(RecordingRoomListener.Deleted.class)).hasSize(1);
  }

  private long runDeletion(Instance instance, String name) {
    byte[][] arguments =
        keys.settling(
            keys.channel().getBytes(US_ASCII), PrimaryState.ascii(1), name.getBytes(US_ASCII));
    CompletableFuture<List<Object>> reply = new CompletableFuture<>();
    ((RedisBroker) instance.broker)
        .commands()
        .run(
            ScriptCall.untilAnswered(
                Script.DELETE, keys.ofLog(), arguments, Runnable::run, reply::complete));
    return (Long) reply.orTimeout(10, TimeUnit.SECONDS).join().get(1);
  }

  @Test
  void tombstonesOfALostRoomAreNotThoseOfItsSuccessor() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("m1"));
    sender.delete(1);
    ask(redis -> redis.del(keys.meta()));
    sender.published(message("n1"));
    sender.published(message("n2"));

    assertThat(instance().channel(room).subscribe().opened.getFirst().deleted()).isEmpty();
    assertThat(sender.log()).containsExactly("n1", "n2");
    assertThat(sender.delete(2)).isEqualTo(Deletion.DELETED);
    assertThat(instance().channel(room).subscribe().opened.getFirst().deleted())
        .containsExactly(2L);
  }

  @Test
  void deletionIsToldThoughTheBusIsCutMeanwhile() {
    Instance.Channel sender = instance().channel(room);
    Instance.Channel channel = instance().channel(room);
    RecordingRoomListener heard = channel.subscribe();
    for (long offset = 1; offset <= 5; offset++) {
      sender.published(message("m" + offset));
      ask(redis -> redis.clientKill(KillArgs.Builder.typePubsub()));
      assertThat(sender.delete(offset)).isEqualTo(Deletion.DELETED);
      long deleted = offset;
      soon()
          .until(() ->
              heard.events.contains(new RecordingRoomListener.Deleted(deleted))
                  || heard.heads.stream().anyMatch(head -> head.deleted().contains(deleted)));
    }
  }

  @Test
  void controlBusIsHeardAgainAfterItsConnectionsWereKilled() {
    Instance one = instance();
    Instance two = instance();
    List<String> ones = controlOf(one);
    List<String> twos = controlOf(two);
    untilHeard(one, twos);
    untilHeard(two, ones);

    long killed = ask(redis -> redis.clientKill(KillArgs.Builder.typePubsub()));

    assertThat(killed).isGreaterThanOrEqualTo(2);
    untilHeard(one, twos);
    untilHeard(two, ones);
  }

  @Test
  void whoLeftBeforeTheEndIsToldToTheOthers() {
    Instance leaving = instance();
    Instance.Channel channel = leaving.channel(room);
    RecordingRoomListener heard = instance().channel(room).subscribe();
    channel.home.run(() -> {
      channel.channel.enter(Instance.ANN, "Ann");
      channel.channel.exit(Instance.ANN);
      channel.channel.enter(Instance.ANN, "Ann");
    });
    soon().until(() -> !heard.presence.isEmpty());

    channel.home.run(() -> channel.channel.exit(Instance.ANN));
    leaving.close();

    soon().until(() -> !heard.presence.getLast().joined());
  }
}
