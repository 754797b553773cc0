package dev.parley.broker.redis;

import dev.parley.broker.Callbacks;
import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection on which one home executor publishes, and what drives the {@link PublishQueue}s of
 * its channels. Commands are written in the home's turns and flushed once at the end of each
 * ({@link #flush}); answers come back as tasks of the home.
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

  private final SentSignals signals;

  /** Being prepared; belongs to the scheduler's thread. */
  private @Nullable PrimaryConnection next;

  // What follows belongs to the home executor.

  /** Queues that may have something to send or to answer; some more than once. */
  private final ArrayDeque<PublishQueue> due = new ArrayDeque<>();

  /** Queues that are not idle. */
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
    this.signals = new SentSignals(budget);
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
      home.execute(() -> lost(lost));
    }
    stateChanged.run();
  }

  private void lost(PrimaryConnection lost) {
    long now = System.nanoTime();
    unsettled.forEach(queue -> queue.lost(lost.order(), now));
    due.addAll(unsettled);
  }

  void publish(
      PublishQueue queue, Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
    queue.publish(entry, sender, answer, System.nanoTime());
    due(queue);
  }

  /** Puts a payload on the bus behind the messages published so far; dropped under pressure. */
  void signal(PublishQueue queue, byte[] payload) {
    if (queue.isBehind()) {
      queue.hold(payload);
    } else {
      put(usable(), queue, payload);
    }
  }

  private void due(PublishQueue queue) {
    if (!queue.equals(due.peekLast())) {
      due.add(queue);
    }
    if (unsettled.add(queue)) {
      busy = true;
    }
  }

  /** The end of a turn. */
  void flush() {
    PrimaryConnection current = usable();
    long now = due.isEmpty() ? 0 : System.nanoTime();
    for (PublishQueue queue = due.poll(); queue != null; queue = due.poll()) {
      serve(queue, current, now);
      if (queue.isIdle() && unsettled.remove(queue)) {
        busy = !unsettled.isEmpty();
      }
    }
    if (unflushed && current != null) {
      current.flush();
    }
    unflushed = false;
  }

  private void serve(PublishQueue queue, @Nullable PrimaryConnection current, long now) {
    List<PendingMessage> messages = queue.next(now);
    for (Held held = queue.release(); held != null; held = queue.release()) {
      switch (held) {
        case Held.Signal signal -> put(current, queue, signal.payload());
        case Held.Action action -> Callbacks.run(action.action());
      }
    }
    if (current != null && !messages.isEmpty()) {
      int sending = queue.sent(messages, current.order(), now);
      unflushed = true;
      var _ =
          PublishScript.run(current, queue.keys(), messages)
              .whenComplete((reply, failure) ->
                  home.execute(() -> answered(queue, sending, current, reply, failure)));
    }
  }

  private void answered(
      PublishQueue queue,
      int sending,
      PrimaryConnection on,
      @Nullable List<Object> reply,
      @Nullable Throwable failure) {
    if (!queue.awaits(sending)) {
      return;
    }
    due(queue);
    long now = System.nanoTime();
    if (reply != null) {
      metrics.answered(queue.messagesInFlight(), now - queue.sentAt());
      queue.accepted(reply);
      return;
    }
    ScriptError error = ScriptError.of(failure);
    switch (error) {
      case ScriptError.Unknown _ -> broken(on);
      case ScriptError.NoScript _ -> load();
      case ScriptError.Stale _ -> {
        // The connection is being replaced, and the batch is sent again on its successor.
      }
      case ScriptError.Declined declined -> declined(declined);
    }
    queue.failed(error, now);
  }

  private @Nullable PrimaryConnection usable() {
    PrimaryConnection current = connection;
    return current != null && current.equals(broken) ? null : current;
  }

  /** It left a batch without an answer: nothing more is sent on it, be it noticed or not. */
  private void broken(PrimaryConnection failed) {
    broken = failed;
    drop(failed, "a batch was not answered");
  }

  private static void drop(@Nullable PrimaryConnection dropped, String reason) {
    if (dropped != null) {
      dropped.drop(reason);
    }
  }

  /** Lost if there is no connection, or a slow one. */
  private void put(@Nullable PrimaryConnection current, PublishQueue queue, byte[] payload) {
    unflushed |= current != null && signals.send(current, queue.keys().channel(), payload);
  }

  /** The server has forgotten the script: it goes ahead of the next batch. */
  private void load() {
    PrimaryConnection current = usable();
    if (current != null) {
      unflushed = true;
      var _ = current.async().scriptLoad(Script.PUBLISH.source());
    }
  }

  private void declined(ScriptError.Declined declined) {
    refusals.refused(declined.message(), System.nanoTime());
    if (declined.readOnly()) {
      drop(connection, "it leads to a replica");
    }
  }

  /** Any thread, some times a second. */
  void tick() {
    if (busy || !signals.isEmpty()) {
      home.execute(this::expire);
    }
  }

  private void expire() {
    long now = System.nanoTime();
    boolean stuck = signals.isStuck(now);
    for (PublishQueue queue : unsettled) {
      queue.expire(now);
      stuck |= queue.isStuck(now);
    }
    due.addAll(unsettled);
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
