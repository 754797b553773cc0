package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.Head;
import dev.parley.broker.Instance;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.support.Machine;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A replica that is behind becomes the primary, while connections still lead to the old one: no
 * (epoch, offset) may name two messages, and whoever saw what is lost is told.
 */
@Tag("redis")
@Timeout(120)
class RedisFailoverTests {
  private static final Retention HISTORY =
      new Retention(1_000, Duration.ofHours(24), Long.MAX_VALUE);
  private static final Pattern ID = Pattern.compile("(?m)^id=(\\d+)");
  private static final Pattern INFO_CALLS = Pattern.compile("cmdstat_info:calls=(\\d+)");

  private final RoomName room = new RoomName("room");
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final RedisProcess old = open(RedisProcess.launch());

  /** The way from the replica to its primary. */
  private final TcpProxy replication = open(new TcpProxy(old.host(), old.port()));

  private final RedisProcess replica =
      open(RedisProcess.launch("replicaof " + replication.host() + " " + replication.port()));

  /** Where the instances are told that Redis is. */
  private final TcpProxy address = open(new TcpProxy(old.host(), old.port()));

  @BeforeEach
  void untilInSync() {
    soon().until(() -> replication(replica).contains("master_link_status:up"));
  }

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

  private static ConditionFactory soon() {
    return await().atMost(20, TimeUnit.SECONDS).pollInterval(Duration.ofMillis(20));
  }

  private static String replication(RedisProcess redis) {
    return redis.ask(commands -> commands.info("replication"));
  }

  private Instance instance(String host, int port) {
    Instance instance = open(Instance.onRedis(RedisURI.create(host, port), HISTORY));
    soon().until(instance.broker::isAvailable);
    return instance;
  }

  private Instance instance() {
    return instance(address.host(), address.port());
  }

  /** A lane of the instance, the room in which it speaks, and its connection. */
  private final class Lane {
    final RoomName name;
    final Instance.Channel sender;
    final RecordingRoomListener heard;
    final long connection;

    Lane(Instance instance, RoomName name) {
      this.name = name;
      Set<Long> others = clients(old);
      sender = instance.channel(name, instance.another());
      sender.published(message("kept"));
      heard = sender.subscribe();
      Set<Long> all = clients(old);
      all.removeAll(others);
      assertThat(all).hasSize(1);
      connection = all.iterator().next();
      untilReplicated();
    }

    void untilReplicated() {
      soon().until(() -> replica.ask(redis -> redis.xlen(RoomKeys.of(name, HISTORY).log())) == 1);
    }

    Position publish(String text) {
      return position(sender.published(message(text, text)));
    }
  }

  private static Position position(Outcome<Accepted> outcome) {
    Accepted accepted = (Accepted) outcome;
    assertThat(accepted.duplicate()).isFalse();
    return new Position(accepted.epoch(), accepted.offset());
  }

  private static Set<Long> clients(RedisProcess redis) {
    Set<Long> ids =
        redis.ask(commands -> {
          long own = commands.clientId();
          return ID.matcher(commands.clientList())
              .results()
              .map(found -> Long.parseLong(found.group(1)))
              .filter(id -> id != own)
              .collect(Collectors.toCollection(HashSet::new));
        });
    return ids;
  }

  private void kill(long connection) {
    old.ask(redis -> redis.clientKill(KillArgs.Builder.id(connection)));
  }

  private void promote() {
    replica.ask(redis -> redis.replicaofNoOne());
    address.leadTo(replica.host(), replica.port());
  }

  /** Until somebody else has asked, or nobody is left who could. */
  private void untilAskedForItsGeneration(RedisProcess redis) {
    long before = timesAsked(redis);
    int[] own = {0};
    soon()
        .until(() -> {
          own[0]++;
          return timesAsked(redis) > before + own[0] || instancesAt(redis) == 0;
        });
  }

  private static long timesAsked(RedisProcess redis) {
    Matcher found = INFO_CALLS.matcher(redis.ask(commands -> commands.info("commandstats")));
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  /** Connections but for those of replicas, which a primary names. */
  private int instancesAt(RedisProcess redis) {
    int replicas = redis.equals(old) && replication(old).contains("slave0:") ? 1 : 0;
    return clients(redis).size() - replicas;
  }

  private void assertThatNothingIsNamedTwice(List<Position> lost, List<Position> fresh) {
    assertThat(fresh).doesNotHaveDuplicates().doesNotContainAnyElementsOf(lost);
  }

  private void assertThatLossIsTold(RoomName name, Position kept, Position lost) {
    Head head =
        instance(replica.host(), replica.port()).channel(name).subscribe().opened.getFirst();
    assertThat(head.continues(kept)).isTrue();
    assertThat(head.continues(lost)).isFalse();
  }

  @Test
  void publishingConnectionIsAtTheNewPrimaryBeforeTheOthers() {
    Instance one = instance();
    Lane lane = new Lane(one, room);
    replication.hold();
    List<Position> lost = List.of(lane.publish("LOST0"), lane.publish("LOST1"));
    promote();

    kill(lane.connection);
    soon().until(() -> !clients(replica).isEmpty());
    untilAskedForItsGeneration(old);
    List<Position> fresh = List.of(lane.publish("NEW0"), lane.publish("NEW1"));

    assertThatNothingIsNamedTwice(lost, fresh);
    assertThatLossIsTold(room, new Position(lost.getFirst().epoch(), 1), lost.getLast());
    soon().until(() -> instancesAt(old) == 0);
    soon()
        .until(() ->
            !lane.heard.heads.isEmpty()
                && lane.heard.heads.getLast().epoch().equals(fresh.getFirst().epoch()));
    assertThat(lane.heard.heads.getLast().continues(lost.getLast())).isFalse();
  }

  @Test
  void commandConnectionIsAtTheNewPrimaryBeforeTheOthers() {
    Set<Long> none = clients(old);
    Instance one = instance();
    Set<Long> commands = clients(old);
    commands.removeAll(none);
    Lane lane = new Lane(one, room);
    replication.hold();
    Position lost = lane.publish("LOST");
    promote();

    commands.forEach(this::kill);
    soon().until(() -> instancesAt(old) == 0);
    Position fresh = lane.publish("NEW");

    assertThat(fresh).isNotEqualTo(lost);
    assertThat(lane.sender.log()).containsExactly("kept", "NEW");
    assertThatLossIsTold(room, new Position(lost.epoch(), 1), lost);
  }

  @Test
  void lanesFollowOneAnotherToTheNewPrimary() {
    Instance one = instance();
    List<Lane> lanes =
        List.of(
            new Lane(one, room),
            new Lane(one, new RoomName("b")),
            new Lane(one, new RoomName("c")));
    replication.hold();
    List<List<Position>> lost =
        lanes.stream().map(lane -> List.of(lane.publish("LOST0"), lane.publish("LOST1"))).toList();
    promote();

    kill(lanes.get(1).connection);
    soon().until(() -> !clients(replica).isEmpty());
    untilAskedForItsGeneration(old);
    soon().until(() -> instancesAt(old) == 0);

    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      assertThatNothingIsNamedTwice(
          lost.get(i), List.of(lane.publish("NEW0"), lane.publish("NEW1")));
      assertThatLossIsTold(
          lane.name, new Position(lost.get(i).getFirst().epoch(), 1), lost.get(i).getLast());
    }
  }

  @Test
  void connectionsToAReplicaAreNotUsedUnderTheGenerationOfItsPrimary() {
    Lane lane = new Lane(instance(), room);
    Instance early = open(Instance.onRedis(replica.uri(), HISTORY));
    Instance.Channel sender = early.channel(room);
    soon().until(() -> timesAsked(replica) > 3);
    replication.hold();
    List<Position> lost = List.of(lane.publish("LOST0"), lane.publish("LOST1"));

    replica.ask(redis -> redis.replicaofNoOne());
    List<Position> fresh =
        List.of(
            position(sender.published(message("NEW0", "NEW0"))),
            position(sender.published(message("NEW1", "NEW1"))));

    assertThatNothingIsNamedTwice(lost, fresh);
    assertThatLossIsTold(room, new Position(lost.getFirst().epoch(), 1), lost.getLast());
  }

  @Test
  void primaryThatWasDemotedAndIsPromotedAgainIsAnother() {
    Instance one = instance();
    Lane lane = new Lane(one, room);
    replication.hold();
    List<Position> lost = List.of(lane.publish("LOST0"), lane.publish("LOST1"));
    replica.ask(redis -> redis.replicaofNoOne());
    replica.ask(redis -> redis.set("ahead", new byte[] {1}));

    old.ask(redis -> redis.replicaof(replica.host(), replica.port()));
    soon().until(() -> !one.broker.isAvailable());
    soon().until(() -> old.ask(redis -> redis.exists("ahead")) == 1);
    CompletableFuture<Outcome<Accepted>> waiting = lane.sender.publish(message("NEW0", "NEW0"));
    old.ask(redis -> redis.replicaofNoOne());
    Position first = position(waiting.orTimeout(20, TimeUnit.SECONDS).join());

    assertThatNothingIsNamedTwice(lost, List.of(first, lane.publish("NEW1")));
    assertThat(lane.sender.log()).containsExactly("kept", "NEW0", "NEW1");
    soon()
        .until(() ->
            !lane.heard.heads.isEmpty()
                && lane.heard.heads.getLast().epoch().equals(first.epoch()));
    assertThat(lane.heard.heads.getLast().continues(lost.getLast())).isFalse();
  }

  /** Its connections stay, and nothing tells it before its first script. */
  @Test
  void instanceThatIsBehindTheGenerationPublishesInTheEpochOfTheOthers() throws IOException {
    Instance.Channel behind = instance().channel(room);
    behind.published(message("kept"));
    // Of nobody, so that it keeps what it has.
    int nobody = Machine.freePort();
    old.ask(redis -> redis.replicaof("127.0.0.1", nobody));
    old.ask(redis -> redis.replicaofNoOne());
    Accepted ahead = (Accepted) instance().channel(room).published(message("ahead"));

    Accepted next = (Accepted) behind.published(message("behind", "behind"));

    assertThat(next.epoch()).isEqualTo(ahead.epoch());
    assertThat(next.offset()).isEqualTo(3);
  }
}
