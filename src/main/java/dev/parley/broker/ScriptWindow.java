package dev.parley.broker;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts that may be run again, a bounded number at a time; the others wait their turn. What
 * Redis declines or does not answer is tried again at the next {@link #tick}. Its monitor guards
 * it.
 */
final class ScriptWindow {
  private final int width;
  private final Primary primary;
  private final ArrayDeque<ScriptCall> waiting = new ArrayDeque<>();
  private final ArrayDeque<ScriptCall> declined = new ArrayDeque<>();
  private final Set<ScriptCall> inFlight = new LinkedHashSet<>();
  private @Nullable StatefulRedisConnection<String, byte[]> connection;
  private @Nullable CompletableFuture<Object> idle;

  /**
   * @param width how many are in flight at most
   */
  ScriptWindow(int width, Primary primary) {
    this.width = width;
    this.primary = primary;
  }

  synchronized void submit(ScriptCall call) {
    waiting.add(call);
    pump();
  }

  synchronized void connected(@Nullable StatefulRedisConnection<String, byte[]> current) {
    connection = current;
    // Their answers, if they still come, find them gone.
    waiting.addAll(inFlight);
    inFlight.clear();
    pump();
  }

  synchronized void tick(long now) {
    waiting.addAll(declined);
    declined.clear();
    waiting.removeIf(call -> timedOut(call, now));
    inFlight.removeIf(call -> timedOut(call, now));
    pump();
  }

  private static boolean timedOut(ScriptCall call, long now) {
    boolean late = call.isLate(now);
    if (late) {
      call.answer(null);
    }
    return late;
  }

  /** Completes when nothing is left to run, or can be. */
  synchronized CompletableFuture<?> idle() {
    CompletableFuture<Object> asked = new CompletableFuture<>();
    idle = asked;
    pump();
    return asked;
  }

  private void pump() {
    StatefulRedisConnection<String, byte[]> current = connection;
    while (current != null && inFlight.size() < width && !waiting.isEmpty()) {
      ScriptCall call = waiting.remove();
      inFlight.add(call);
      send(call, current);
    }
    boolean empty = waiting.isEmpty() && declined.isEmpty() && inFlight.isEmpty();
    if (idle != null && (current == null || empty)) {
      idle.complete(this);
    }
  }

  private void send(ScriptCall call, StatefulRedisConnection<String, byte[]> current) {
    CommandArgs<String, byte[]> args = new CommandArgs<>(RedisServer.CODEC);
    args.add(call.script().sha()).add(call.keys().length).addKeys(call.keys());
    if (call.script().settles()) {
      for (byte[] arg : primary.settle()) {
        args.add(arg);
      }
    }
    for (byte[] arg : call.arguments()) {
      args.add(arg);
    }
    current
        .async()
        .<List<Object>>dispatch(CommandType.EVALSHA, new ArrayOutput<>(RedisServer.CODEC), args)
        .whenComplete((reply, failure) -> completed(call, current, reply, failure));
  }

  private synchronized void completed(
      ScriptCall call,
      StatefulRedisConnection<String, byte[]> on,
      @Nullable List<Object> reply,
      @Nullable Throwable failure) {
    if (!on.equals(connection) || !inFlight.remove(call)) {
      return;
    }
    if (failure == null) {
      call.answer(reply == null ? List.of() : reply);
    } else {
      switch (Refusal.of(failure)) {
        case Refusal.Unknown _ -> declined.add(call);
        case Refusal.Declined _ -> declined.add(call);
        case Refusal.NoScript _ -> {
          var _ = on.async().scriptLoad(call.script().source());
          waiting.addFirst(call);
        }
        case Refusal.Stale(String generation) -> {
          primary.generation(generation);
          waiting.addFirst(call);
        }
      }
    }
    pump();
  }
}
