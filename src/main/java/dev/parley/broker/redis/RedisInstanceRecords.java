package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.broker.Retention;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The records of instances in Redis: a hash of beats, a hash of the dead, and for each incarnation
 * a hash of its rooms. A script that touches a room touches nothing else, as its keys may be on
 * another server one day. Safe for use by any thread.
 */
final class RedisInstanceRecords implements InstanceRecords {
  private static final String[] INSTANCES = {RoomKeys.BEATS, RoomKeys.DEAD};
  private static final long ANSWER_WITHIN_SECONDS = 2;
  private static final byte[] NOTHING = {};

  /** As long as the room that is kept longest: no room keeps messages for more than a year. */
  private static final Duration KEPT = Duration.ofDays(2 * 365);

  /** How long records are kept that nobody renews; not to be changed. */
  static final byte[] KEPT_MS = PrimaryState.ascii(KEPT.toMillis());

  /** A room is kept no shorter; the script that sweeps it leaves it a longer life. */
  private static final Retention SHORTEST = new Retention(0, Duration.ZERO, 0);

  private final CommandConnection commands;

  RedisInstanceRecords(CommandConnection commands) {
    this.commands = commands;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private <T> CompletionStage<T> ask(Function<PrimaryConnection, CompletionStage<T>> question) {
    PrimaryConnection current = commands.current();
    return current == null
        ? CompletableFuture.failedFuture(new IllegalStateException("Redis cannot be reached"))
        : question
            .apply(current)
            .toCompletableFuture()
            .orTimeout(ANSWER_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  private <T> CompletionStage<T> command(
      Function<RedisAsyncCommands<String, byte[]>, CompletionStage<T>> question) {
    return ask(connection -> question.apply(connection.async()));
  }

  private CompletionStage<List<Object>> script(Script script, String[] keys, byte[]... arguments) {
    return ask(connection ->
        connection
            .run(script, keys, arguments)
            .whenComplete((_, failure) -> {
              if (failure != null && ScriptError.of(failure) instanceof ScriptError.NoScript) {
                var _ = connection.async().scriptLoad(script.source());
              }
            }));
  }

  private CompletionStage<Boolean> decide(Script script, byte[]... arguments) {
    return script(script, INSTANCES, arguments).thenApply(reply -> (Long) reply.getFirst() == 1);
  }

  @Override
  public CompletionStage<Boolean> beat(Incarnation own, boolean first) {
    if (!first) {
      var _ = command(redis -> redis.pexpire(RoomKeys.roomsOf(own), KEPT.toMillis()));
    }
    return decide(Script.BEAT, own.bytes(), KEPT_MS, ascii(first ? "1" : "0"));
  }

  @Override
  public CompletionStage<Peers> peers() {
    return command(redis -> redis.hgetall(RoomKeys.BEATS))
        .thenCombine(
            command(redis -> redis.hgetall(RoomKeys.DEAD)),
            (beats, dead) ->
                new Peers(
                    byIncarnation(beats, Long::valueOf), byIncarnation(dead, owner -> owner)));
  }

  private static <T> Map<Incarnation, T> byIncarnation(
      Map<String, byte[]> fields, Function<String, T> value) {
    Map<Incarnation, T> all = new HashMap<>();
    fields.forEach(
        (name, bytes) -> all.put(new Incarnation(name), value.apply(new String(bytes, US_ASCII))));
    return all;
  }

  @Override
  public CompletionStage<Boolean> bury(Incarnation claimant, Incarnation silent, long beat) {
    return claim(claimant, silent, PrimaryState.ascii(beat));
  }

  @Override
  public CompletionStage<Boolean> takeOver(Incarnation claimant, Incarnation dead) {
    return claim(claimant, dead, NOTHING);
  }

  private CompletionStage<Boolean> claim(Incarnation claimant, Incarnation dead, byte[] beat) {
    return decide(Script.CLAIM, claimant.bytes(), dead.bytes(), beat, KEPT_MS);
  }

  /** In two steps: one that is left in both is taken for silent later. */
  @Override
  public CompletionStage<?> retire(Incarnation own) {
    return command(redis -> redis.hset(RoomKeys.DEAD, own.name(), NOTHING))
        .thenCompose(_ -> command(redis -> redis.pexpire(RoomKeys.DEAD, KEPT.toMillis())))
        .thenCompose(_ -> leave(own));
  }

  @Override
  public CompletionStage<?> leave(Incarnation own) {
    return command(redis -> redis.hdel(RoomKeys.BEATS, own.name()));
  }

  @Override
  public CompletionStage<List<String>> rooms(Incarnation dead, int limit) {
    return command(redis -> redis.hrandfield(RoomKeys.roomsOf(dead), limit));
  }

  @Override
  public CompletionStage<?> sweep(Incarnation dead, String room) {
    return sweep(dead, RoomKeys.of(room, SHORTEST), ascii("0"));
  }

  private CompletionStage<List<Object>> sweep(Incarnation dead, RoomKeys keys, byte[] from) {
    return script(
            Script.SWEEP,
            keys.ofPresence(),
            from,
            dead.bytes(),
            PrimaryState.ascii(System.currentTimeMillis()),
            keys.idle(),
            ascii(keys.channel()))
        .thenCompose(reply -> {
          byte[] next = (byte[]) reply.getFirst();
          return next.length == 1 && next[0] == '0'
              ? CompletableFuture.completedFuture(reply)
              : sweep(dead, keys, next);
        });
  }

  @Override
  public CompletionStage<?> forget(Incarnation dead, List<String> rooms) {
    return command(redis -> redis.hdel(RoomKeys.roomsOf(dead), rooms.toArray(String[]::new)));
  }

  @Override
  public CompletionStage<?> swept(Incarnation dead) {
    return command(redis -> redis.hdel(RoomKeys.DEAD, dead.name()));
  }
}
