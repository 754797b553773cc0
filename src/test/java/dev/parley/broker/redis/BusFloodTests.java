package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.Instance;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.RoomName;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Redis delivers more than the homes of rooms can take. */
@Tag("redis")
@Timeout(120)
class BusFloodTests {
  private static final Retention HISTORY =
      new Retention(50_000, Duration.ofHours(24), Long.MAX_VALUE);
  private static final int ROOMS = 40;
  private static final int MESSAGES = 80;
  private static final int BYTES = 60_000;
  private static final long LIMIT = 16L * 1024 * 1024;

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

  /** Notes how far a room was heard without a hole, and reads the log where it is told to. */
  private static final class Follower extends RecordingRoomListener {
    private final RoomChannel channel;
    private long position;
    private long head;
    private boolean reading;
    private boolean broken;

    Follower(RoomChannel channel) {
      this.channel = channel;
    }

    @Override
    public void messages(Epoch epoch, long first, List<Entry> entries) {
      long last = first + entries.size() - 1;
      if (reading) {
        head = Math.max(head, last);
      } else {
        broken |= first > position + 1;
        position = Math.max(position, last);
      }
    }

    @Override
    public void head(Head now) {
      super.head(now);
      head = now.offset();
      read();
    }

    private void read() {
      if (position < head && !reading) {
        reading = true;
        channel.read(
            position + 1,
            256,
            outcome -> {
              LogPage page = (LogPage) outcome;
              reading = false;
              broken |= page.first() != position + 1;
              position = page.first() + page.entries().size() - 1;
              head = Math.max(head, page.head());
              read();
            });
      }
    }
  }

  @Test
  void homeThatStandsStillHoldsABoundedNumberOfBytesAndMissesNothing() throws Exception {
    RedisProcess redis = open(RedisProcess.launch());
    Budgets budgets = Budgets.ofEach(LIMIT);
    Budget bus = budgets.of(BudgetKind.BUS);
    Instance receiver = open(Instance.onRedis(redis.uri(), HISTORY, budgets));
    Instance sender = open(Instance.onRedis(redis.uri(), HISTORY));
    await().until(() -> receiver.broker.isAvailable() && sender.broker.isAvailable());
    List<RoomName> rooms =
        IntStream.range(0, ROOMS).mapToObj(i -> new RoomName("room" + i)).toList();
    List<Follower> followers =
        receiver.home.call(() -> rooms.stream().map(room -> follow(receiver, room)).toList());
    RoomName quietRoom = new RoomName("quiet");
    RecordingRoomListener quiet = receiver.channel(quietRoom).subscribe();
    await().until(() -> followers.stream().noneMatch(each -> each.opened.isEmpty()));

    CountDownLatch still = new CountDownLatch(1);
    receiver.home.execute(() -> await().atMost(60, TimeUnit.SECONDS).until(() -> released(still)));
    for (int i = 0; i < MESSAGES; i++) {
      publish(sender, rooms);
      assertThat(bus.held()).isLessThanOrEqualTo(LIMIT);
    }
    sender.channel(rooms.getFirst()).delete(MESSAGES);
    sender.channel(quietRoom).published(message("heard"));
    await().until(() -> bus.held() > LIMIT / 2);
    still.countDown();

    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() ->
            receiver.home.call(
                () -> followers.stream().allMatch(each -> each.position == MESSAGES)));
    assertThat(followers).noneMatch(each -> each.broken);
    assertThat(followers).anyMatch(each -> !each.heads.isEmpty());
    assertThat(followers.getFirst().heads.getLast().deleted()).contains((long) MESSAGES);
    await().until(() -> quiet.texts().equals(List.of("heard")));
    assertThat(quiet.heads).as("the flood is other rooms'").isEmpty();
    await().until(() -> bus.held() == 0);
  }

  private static boolean released(CountDownLatch latch) {
    return latch.getCount() == 0;
  }

  private static Follower follow(Instance instance, RoomName room) {
    RoomChannel channel = instance.broker.channel(room, HISTORY, instance.home);
    Follower follower = new Follower(channel);
    channel.subscribe(follower);
    return follower;
  }

  /** A message in each. */
  private static void publish(Instance sender, List<RoomName> rooms) {
    AtomicInteger answered = new AtomicInteger();
    sender.home.run(() ->
        rooms.forEach(room ->
            sender
                .broker
                .channel(room, HISTORY, sender.home)
                .publish(
                    message("x".repeat(BYTES)),
                    outcome -> {
                      assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
                      answered.incrementAndGet();
                    })));
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> answered.get() == rooms.size());
  }

  /** What it missed is several times what it may hold. */
  @Test
  void roomThatWasCutOffCatchesUpWithinTheBudget() {
    RedisProcess redis = open(RedisProcess.launch());
    TcpProxy proxy = open(new TcpProxy(redis.host(), redis.port()));
    Budgets budgets = Budgets.ofEach(1_000_000);
    Budget bus = budgets.of(BudgetKind.BUS);
    Instance receiver =
        open(Instance.onRedis(RedisURI.create(proxy.host(), proxy.port()), HISTORY, budgets));
    Instance sender = open(Instance.onRedis(redis.uri(), HISTORY));
    await().until(() -> receiver.broker.isAvailable() && sender.broker.isAvailable());
    RoomName room = new RoomName("room");
    Follower follower = receiver.home.call(() -> follow(receiver, room));
    await().until(() -> !follower.opened.isEmpty());

    proxy.cut();
    for (int i = 0; i < 100; i++) {
      publish(sender, List.of(room));
      assertThat(bus.held()).isLessThanOrEqualTo(1_000_000);
    }

    await()
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> receiver.home.call(() -> follower.position == 100));
    assertThat(follower.broken).isFalse();
    await().until(() -> bus.held() == 0);
  }
}
