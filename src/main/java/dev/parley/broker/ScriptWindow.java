package dev.parley.broker;

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
  private final ArrayDeque<ScriptCall> waiting = new ArrayDeque<>();
  private final ArrayDeque<ScriptCall> declined = new ArrayDeque<>();
  private final Set<ScriptCall> inFlight = new LinkedHashSet<>();
  private @Nullable PrimaryConnection connection;
  private @Nullable CompletableFuture<Object> idle;

  /**
   * @param width how many are in flight at most
   */
  ScriptWindow(int width) {
    this.width = width;
  }

  synchronized void submit(ScriptCall call) {
    waiting.add(call);
    pump();
  }

  synchronized void connected(@Nullable PrimaryConnection current) {
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
    PrimaryConnection current = connection;
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

  private void send(ScriptCall call, PrimaryConnection current) {
    var _ =
        current
            .run(call.script(), call.keys(), call.arguments())
            .whenComplete((reply, failure) -> completed(call, current, reply, failure));
  }

  private synchronized void completed(
      ScriptCall call,
      PrimaryConnection on,
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
        // The connection is being replaced.
        case Refusal.Stale _ -> declined.add(call);
      }
    }
    pump();
  }
}
