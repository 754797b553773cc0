package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The connection on which one home executor publishes. Commands are written in the home's turns and
 * flushed once at the end of each ({@link #flush}); answers come back as tasks of the home.
 */
final class Publisher implements Link.Owner<StatefulRedisConnection<String, byte[]>> {
  private final Executor home;
  private final PrimaryState primary;
  private final RedisMetrics metrics;
  private final RefusalLog refusals;
  private final Runnable stateChanged;
  private final Link<StatefulRedisConnection<String, byte[]>> link;
  private final StaleConnectionKiller killer = new StaleConnectionKiller();
  private volatile @Nullable PrimaryConnection connection;
  private volatile boolean down;
  private volatile boolean busy;

  /** Signals that are not answered, and when the last answer to one came, or the first waited. */
  private final Backlog signals;

  private volatile long signalAnsweredAt;

  /** Being prepared; belongs to the scheduler's thread. */
  private @Nullable PrimaryConnection next;

  // What follows belongs to the home executor.
  private final ArrayDeque<PublishQueue> due = new ArrayDeque<>();
  private final Set<PublishQueue> unsettled = new LinkedHashSet<>();
  private @Nullable PrimaryConnection broken;
  private @Nullable CompletableFuture<?> asked;
  private long askedAt;
  private boolean unflushed;

  Publisher(
      Executor home,
      RedisServer server,
      ScheduledExecutorService scheduler,
      PrimaryState primary,
      RedisMetrics metrics,
      RefusalLog refusals,
      RedisAlarm alarm,
      Budget budget,
      Runnable stateChanged) {
    this.home = home;
    this.primary = primary;
    this.metrics = metrics;
    this.refusals = refusals;
    this.signals = new Backlog(budget);
    this.stateChanged = stateChanged;
    this.link = new Link<>("publishing", server::connect, scheduler, this, alarm);
    link.open();
  }

  Executor home() {
    return home;
  }

  /** Whether the connection is lost; a first one that is being opened is not. Any thread. */
  boolean isDown() {
    return down;
  }

  CompletionStage<?> close() {
    return link.close();
  }

  @Override
  public CompletionStage<?> prepare(StatefulRedisConnection<String, byte[]> opened) {
    RedisAsyncCommands<String, byte[]> commands = opened.async();
    PrimaryConnection opening =
        new PrimaryConnection(opened, primary, reason -> link.reset(opened, reason));
    next = opening;
    // Before the first script: a batch under the generation of before a restart would be taken for
    // one of the log's own, and continue its epoch where that was cut off.
    return killer
        .replace(commands)
        .thenCompose(_ -> opening.open())
        .thenCompose(_ -> commands.scriptLoad(Script.PUBLISH.source()));
  }

  @Override
  public void up(StatefulRedisConnection<String, byte[]> opened) {
    opened.setAutoFlushCommands(false);
    connection = next;
    down = false;
    home.execute(() -> {
      asked = null;
      due.addAll(unsettled);
      flush();
    });
    stateChanged.run();
  }

  @Override
  public void down() {
    PrimaryConnection lost = connection;
    connection = null;
    down = true;
    if (lost != null) {
      home.execute(() -> List.copyOf(unsettled).forEach(queue -> queue.lost(lost)));
    }
    stateChanged.run();
  }

  /** The queue has something to send or to answer. */
  void due(PublishQueue queue) {
    if (!queue.isDue) {
      queue.isDue = true;
      due.add(queue);
    }
    if (!queue.isUnsettled) {
      queue.isUnsettled = true;
      unsettled.add(queue);
      busy = true;
    }
  }

  /** The end of a turn. */
  void flush() {
    PrimaryConnection current = usable();
    for (PublishQueue queue = due.poll(); queue != null; queue = due.poll()) {
      queue.isDue = false;
      queue.send(current);
      if (queue.isIdle() && queue.isUnsettled) {
        queue.isUnsettled = false;
        unsettled.remove(queue);
        busy = !unsettled.isEmpty();
      }
    }
    if (unflushed && current != null) {
      current.flush();
    }
    unflushed = false;
  }

  private @Nullable PrimaryConnection usable() {
    PrimaryConnection current = connection;
    return current != null && current.equals(broken) ? null : current;
  }

  /** It left a batch without an answer: nothing more is sent on it, be it noticed or not. */
  void broken(@Nullable PrimaryConnection failed) {
    broken = failed;
    drop(failed, "a batch was not answered");
  }

  private static void drop(@Nullable PrimaryConnection dropped, String reason) {
    if (dropped != null) {
      dropped.drop(reason);
    }
  }

  CompletionStage<List<Object>> send(
      PrimaryConnection connection, RoomKeys keys, List<PendingMessage> messages) {
    unflushed = true;
    byte[][] arguments = new byte[2 + 3 * messages.size()][];
    arguments[0] = keys.channel().getBytes(US_ASCII);
    arguments[1] = PrimaryState.ascii(messages.size());
    int i = 2;
    for (PendingMessage message : messages) {
      arguments[i++] = message.bytes();
      arguments[i++] = message.dedupField();
      arguments[i++] = message.stamp();
    }
    return connection.run(Script.PUBLISH, keys.ofPublishing(), arguments);
  }

  /** Puts a payload on the bus; lost where there is no connection, or a slow one. */
  void signal(String channel, byte[] payload) {
    PrimaryConnection current = usable();
    boolean first = signals.isUntouched();
    if (current == null || !signals.take(Account.NOBODY, payload.length)) {
      return;
    }
    if (first) {
      signalAnsweredAt = System.nanoTime();
    }
    unflushed = true;
    var _ =
        current
            .async()
            .publish(channel, payload)
            .whenComplete((heard, failure) -> {
              signalAnsweredAt = System.nanoTime();
              signals.give(Account.NOBODY, payload.length);
            });
  }

  /** The server has forgotten the script: it goes ahead of the next batch. */
  void load() {
    PrimaryConnection current = usable();
    if (current != null) {
      unflushed = true;
      var _ = current.async().scriptLoad(Script.PUBLISH.source());
    }
  }

  /**
   * @param nanos since the batch was sent
   */
  void accepted(int messages, long nanos) {
    metrics.answered(messages, nanos);
  }

  void declined(ScriptError.Declined declined) {
    refusals.refused(declined.message(), System.nanoTime());
    if (declined.readOnly()) {
      drop(connection, "it leads to a replica");
    }
  }

  /** Any thread, some times a second. */
  void tick() {
    if (busy || !signals.isUntouched()) {
      home.execute(this::expire);
    }
  }

  private void expire() {
    long now = System.nanoTime();
    boolean stuck = !signals.isUntouched() && now - signalAnsweredAt > PublishQueue.PATIENCE_NANOS;
    for (PublishQueue queue : List.copyOf(unsettled)) {
      queue.expire(now);
      stuck |= queue.isStuck(now);
    }
    flush();
    if (stuck) {
      drop(connection, "no answer for 5 s");
    }
  }

  /** Any thread, each second: whether the connection still leads to the same primary. */
  void check() {
    home.execute(() -> {
      long now = System.nanoTime();
      PrimaryConnection current = usable();
      if (asked != null && !asked.isDone()) {
        if (now - askedAt > PublishQueue.PATIENCE_NANOS) {
          drop(current, "no answer for 5 s");
        }
      } else if (current != null) {
        asked = current.check();
        askedAt = now;
        unflushed = true;
        flush();
      }
    });
  }
}
