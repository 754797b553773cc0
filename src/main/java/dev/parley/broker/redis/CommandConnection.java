package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.broker.Outcome;
import dev.parley.broker.PresentUsers;
import dev.parley.broker.UserPresence;
import dev.parley.protocol.UserId;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection for everything that is neither publishing nor listening: heads, pages of logs,
 * presence, read marks, and the checks that are made each second. Safe for use by any thread.
 */
final class CommandConnection implements Link.Owner<StatefulRedisConnection<String, byte[]>> {
  private static final List<Script> LOADED_FIRST =
      Arrays.stream(Script.values()).filter(script -> script != Script.PUBLISH).toList();
  private static final long ANSWER_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** So few that what stands behind it on the connection is not late. */
  private static final int USERS_A_SCAN = 1_000;

  private final PrimaryState primary;
  private final Runnable stateChanged;
  private final Consumer<Boolean> reconnected;
  private final RedisAlarm alarm;
  private final Link<StatefulRedisConnection<String, byte[]>> link;

  /** Each kind has a window of its own, so that none waits behind a long queue of another. */
  private final ScriptWindow heads;

  private final ScriptWindow pages;
  private final ScriptWindow presence;
  private final ScriptWindow reads;

  private volatile @Nullable PrimaryConnection connection;
  private volatile boolean reached;

  // What follows belongs to the scheduler's thread.
  private @Nullable PrimaryConnection next;
  private String generation = "";

  /** The oldest question without an answer. */
  private @Nullable CompletableFuture<?> asked;

  private long askedAt;

  /**
   * @param reconnected told of each new connection, and whether it leads to another primary than
   *     the one before it
   */
  CommandConnection(
      RedisServer server,
      ScheduledExecutorService scheduler,
      PrimaryState primary,
      RedisAlarm alarm,
      Runnable stateChanged,
      Consumer<Boolean> reconnected) {
    this.primary = primary;
    this.alarm = alarm;
    this.stateChanged = stateChanged;
    this.reconnected = reconnected;
    this.heads = new ScriptWindow(scheduler);
    this.pages = new ScriptWindow(scheduler);
    this.presence = new ScriptWindow(scheduler);
    this.reads = new ScriptWindow(scheduler);
    this.link = new Link<>("commands", server::connect, scheduler, this, alarm);
  }

  void open() {
    link.open();
  }

  /** Completes when every script was run that changes something, or cannot be. */
  CompletableFuture<?> idle() {
    return CompletableFuture.allOf(heads.idle(), presence.idle(), reads.idle());
  }

  CompletionStage<?> close() {
    return link.close();
  }

  boolean isUp() {
    return connection != null;
  }

  /** The connection itself, for what needs no window; null where there is none. */
  @Nullable PrimaryConnection current() {
    return connection;
  }

  /** Whether Redis has answered since the start. */
  boolean wasReached() {
    return reached;
  }

  void run(ScriptCall call) {
    window(call.script()).submit(call);
  }

  private ScriptWindow window(Script script) {
    return switch (script) {
      case LOG, HISTORY -> pages;
      case ENTER, EXIT, SWEEP, REGISTER, UNREGISTER -> presence;
      case READ, READS -> reads;
      case OPEN, DELETE, PUBLISH, PROBE, BEAT, CLAIM -> heads;
    };
  }

  /** Puts bytes on a channel; lost if there is no connection. */
  void publish(String channel, byte[] bytes) {
    PrimaryConnection current = connection;
    if (current != null) {
      var _ = current.async().publish(channel, bytes);
    }
  }

  /** Reads a presence hash to its end. */
  CompletableFuture<Outcome<PresentUsers>> scan(String key, PresenceScan scan) {
    PrimaryConnection current = connection;
    return current == null
        ? CompletableFuture.completedFuture(Outcome.unavailable())
        : scan(current.async(), key, ScanCursor.INITIAL, scan).toCompletableFuture();
  }

  /** Whether a presence hash has a user. */
  CompletableFuture<Outcome<UserPresence>> has(String key, UserId user) {
    PrimaryConnection current = connection;
    return current == null
        ? CompletableFuture.completedFuture(Outcome.unavailable())
        : current
            .async()
            .hexists(key, user.value())
            .<Outcome<UserPresence>>thenApply(UserPresence::of)
            .toCompletableFuture();
  }

  private static CompletionStage<Outcome<PresentUsers>> scan(
      RedisAsyncCommands<String, byte[]> commands,
      String key,
      ScanCursor cursor,
      PresenceScan scan) {
    return commands
        .hscan(key, cursor, ScanArgs.Builder.limit(USERS_A_SCAN))
        .thenCompose(piece -> {
          scan.add(piece.getMap());
          return piece.isFinished()
              ? CompletableFuture.completedFuture(scan.found())
              : scan(commands, key, piece, scan);
        });
  }

  @Override
  public CompletionStage<?> prepare(StatefulRedisConnection<String, byte[]> opened) {
    RedisAsyncCommands<String, byte[]> commands = opened.async();
    PrimaryConnection opening =
        new PrimaryConnection(opened, primary, reason -> link.reset(opened, reason));
    next = opening;
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (Script script : LOADED_FIRST) {
      answers.add(commands.scriptLoad(script.source()).toCompletableFuture());
    }
    answers.add(probe(commands).toCompletableFuture());
    answers.add(commands.info("memory").thenAccept(this::readMemory).toCompletableFuture());
    answers.add(opening.open().toCompletableFuture());
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
  }

  private static CompletionStage<?> probe(RedisAsyncCommands<String, byte[]> commands) {
    return commands.evalsha(
        new String(Script.PROBE.sha(), US_ASCII),
        ScriptOutputType.MULTI,
        new String[] {RoomKeys.PROBE},
        RoomKeys.PROBE.getBytes(US_ASCII));
  }

  @Override
  public void up(StatefulRedisConnection<String, byte[]> opened) {
    PrimaryConnection current = Objects.requireNonNull(next);
    connection = current;
    reached = true;
    asked = null;
    windows().forEach(window -> window.connected(current));
    stateChanged.run();
    String before = generation;
    generation = current.generation();
    reconnected.accept(!before.isEmpty() && !before.equals(generation));
  }

  @Override
  public void down() {
    connection = null;
    windows().forEach(window -> window.connected(null));
    stateChanged.run();
  }

  /** Some times a second, on the scheduler's thread. */
  void tick(long now) {
    windows().forEach(window -> window.tick(now));
  }

  private List<ScriptWindow> windows() {
    return List.of(heads, pages, presence, reads);
  }

  /**
   * Each second, on the scheduler's thread: puts a number on a channel, asks whether the generation
   * still holds, and gives a connection up that does not answer.
   */
  void heartbeat(long now, String channel, PubSubHeartbeat heartbeat) {
    PrimaryConnection current = connection;
    if (current == null) {
      return;
    }
    CompletableFuture<?> before = asked;
    if (before != null && !before.isDone()) {
      if (now - askedAt > ANSWER_WITHIN_NANOS) {
        current.drop("no answer for 5 s");
      }
      return;
    }
    long number = heartbeat.next();
    var _ =
        current
            .async()
            .publish(channel, PrimaryState.ascii(number))
            .thenRun(() -> heartbeat.confirmed(number, System.nanoTime()));
    asked = current.check();
    askedAt = now;
  }

  void checkMemory() {
    PrimaryConnection current = connection;
    if (current != null) {
      var _ = current.async().info("memory").thenAccept(this::readMemory);
    }
  }

  private void readMemory(String info) {
    primary.readMemory(info);
    if (primary.isKeeping()) {
      alarm.clear(primary);
    } else {
      alarm.raise(primary, new RedisProblem(RedisProblem.Kind.EVICTION, primary.policy()));
    }
  }
}
