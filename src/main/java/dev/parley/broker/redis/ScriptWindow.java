package dev.parley.broker.redis;

import dev.parley.broker.Callbacks;
import dev.parley.broker.Mailbox;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.RedisCommand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts that may be run again, in one stream to Redis: so many that Redis is kept busy
 * however far it is, so few that what stands behind their answers on the connection is not late.
 * The others wait, and the rooms they are for take turns. What Redis declines is tried again at the
 * next {@link #tick}.
 *
 * <p>A room's calls are sent in the order in which they were submitted, and so again: what was in
 * flight when the connection was lost goes before what waited, and behind a call that was declined
 * the room waits. Otherwise an {@code EXIT} that is run again could undo a later {@code ENTER}.
 *
 * <p>What counts is the bytes of the answers in flight. A page is sent for as many as are its
 * room's share of what is free, and Redis ends it there: many rooms at once get small pages, one
 * alone a large one. A single message may be larger than its page's share; the least share follows
 * the largest of those.
 *
 * <p>Its state belongs to one executor, which gathers what was submitted and answered since its
 * last turn and sends what follows in one write.
 */
final class ScriptWindow {
  /** On a link of 10 Mbit/s the answer behind them is 2 s late. */
  static final int BYTES_IN_FLIGHT = 2 * 1024 * 1024;

  private static final int LEAST_PAGE_BYTES = 32 * 1024;
  private static final int LARGEST_LEAST_BYTES = BYTES_IN_FLIGHT / 2;

  private final Mailbox<Runnable> events;

  /** By room, in the order of their turns. */
  private final LinkedHashMap<String, ArrayDeque<ScriptCall>> waiting = new LinkedHashMap<>();

  /** In the order in which they were sent. */
  private final List<ScriptCall> declined = new ArrayList<>();

  /** By room that has a declined call: what comes behind it, which waits for the next tick. */
  private final Map<String, ArrayDeque<ScriptCall>> behindDeclined = new LinkedHashMap<>();

  /** To be sent again before what waits, in the order in which they were sent. */
  private final List<ScriptCall> again = new ArrayList<>();

  private final SequencedSet<ScriptCall> inFlight = new LinkedHashSet<>();
  private long bytesInFlight;
  private int leastPage = LEAST_PAGE_BYTES;

  /** When Redis last answered. */
  private long progress = System.nanoTime();

  private @Nullable PrimaryConnection connection;
  private @Nullable CompletableFuture<Object> idle;

  /**
   * @param owner runs everything but {@link #submit} and {@link #idle}, which any thread may call
   */
  ScriptWindow(Executor owner) {
    this.events = new Mailbox<>(owner, this::turn);
  }

  void submit(ScriptCall call) {
    events.put(() -> queue(call).addLast(call));
  }

  /** Completes when nothing is left to run, or can be. */
  CompletableFuture<?> idle() {
    CompletableFuture<Object> asked = new CompletableFuture<>();
    events.put(() -> idle = asked);
    return asked;
  }

  void connected(@Nullable PrimaryConnection current) {
    connection = current;
    again.addAll(inFlight);
    // Their answers, if they still come, are ignored.
    inFlight.clear();
    bytesInFlight = 0;
    pump();
  }

  void tick(long now) {
    waiting.putAll(behindDeclined);
    behindDeclined.clear();
    declined.reversed().forEach(call -> queue(call).addFirst(call));
    declined.clear();
    waiting.values().forEach(calls -> calls.removeIf(call -> timedOut(call, now)));
    waiting.values().removeIf(ArrayDeque::isEmpty);
    // What they hold of the connection is free when they are answered after all.
    inFlight.forEach(call -> timedOut(call, now));
    pump();
  }

  private boolean timedOut(ScriptCall call, long now) {
    boolean late = call.isLate(now, progress);
    if (late) {
      call.answer(null);
    }
    return late;
  }

  private ArrayDeque<ScriptCall> queue(ScriptCall call) {
    ArrayDeque<ScriptCall> behind = behindDeclined.get(call.room());
    return behind != null
        ? behind
        : waiting.computeIfAbsent(call.room(), absent -> new ArrayDeque<>(2));
  }

  private void declined(ScriptCall call) {
    declined.add(call);
    ArrayDeque<ScriptCall> behind = waiting.remove(call.room());
    behindDeclined.putIfAbsent(call.room(), behind == null ? new ArrayDeque<>(2) : behind);
  }

  private void turn() {
    events.take().forEach(Callbacks::run);
    pump();
  }

  private void goFirst(ScriptCall call) {
    if (!call.isAnswered()) {
      ArrayDeque<ScriptCall> calls = queue(call);
      calls.addFirst(call);
      if (!behindDeclined.containsKey(call.room())) {
        waiting.putFirst(call.room(), calls);
      }
    }
  }

  private void pump() {
    again.reversed().forEach(this::goFirst);
    again.clear();
    PrimaryConnection current = connection;
    if (current != null && !waiting.isEmpty()) {
      send(current);
    }
    boolean empty = waiting.isEmpty() && declined.isEmpty() && inFlight.isEmpty();
    if (idle != null && (current == null || empty)) {
      idle.complete(this);
    }
  }

  private void send(PrimaryConnection current) {
    List<RedisCommand<String, byte[], ?>> commands = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Map.Entry<String, ArrayDeque<ScriptCall>> turn = waiting.firstEntry();
      ScriptCall call = turn.getValue().getFirst();
      long free = BYTES_IN_FLIGHT - bytesInFlight;
      int asked = call.bytes((int) Math.max(leastPage, free / (waiting.size() + 1)));
      // A single message may be larger than what is asked for.
      int reserved = call.isPage() ? Math.max(asked, leastPage) : asked;
      if (reserved > free && bytesInFlight > 0) {
        break;
      }
      waiting.pollFirstEntry();
      turn.getValue().removeFirst();
      if (!turn.getValue().isEmpty()) {
        waiting.putLast(turn.getKey(), turn.getValue());
      }
      call.sent(asked, reserved);
      inFlight.add(call);
      bytesInFlight += reserved;
      commands.add(command(call, current));
    }
    if (!commands.isEmpty()) {
      current.dispatch(commands);
    }
  }

  private RedisCommand<String, byte[], ?> command(ScriptCall call, PrimaryConnection current) {
    AsyncCommand<String, byte[], List<Object>> command =
        current.command(call.script(), call.keys(), call.allArguments());
    var _ =
        current
            .answer(command)
            .whenComplete(
                (reply, failure) -> events.put(() -> completed(call, current, reply, failure)));
    return command;
  }

  private void completed(
      ScriptCall call,
      PrimaryConnection on,
      @Nullable List<Object> reply,
      @Nullable Throwable failure) {
    if (!on.equals(connection) || !inFlight.remove(call)) {
      return;
    }
    progress = System.nanoTime();
    bytesInFlight -= call.reserved();
    if (failure == null) {
      List<Object> answer = reply == null ? List.of() : reply;
      if (call.isPage()) {
        learn(call.asked(), bytes(answer));
      }
      call.answer(answer);
    } else if (!call.isAnswered()) {
      failed(call, on, ScriptError.of(failure));
    }
  }

  private void failed(ScriptCall call, PrimaryConnection on, ScriptError refusal) {
    switch (refusal) {
      case ScriptError.NoScript _ -> {
        var _ = on.async().scriptLoad(call.script().source());
        again.add(call);
      }
      case ScriptError.Declined refused when call.givesUp(refused) -> call.answer(null);
      // At a STALE the connection is being replaced.
      case ScriptError.Unknown _, ScriptError.Declined _, ScriptError.Stale _ -> declined(call);
    }
  }

  /** A page has more than it was sent for only if it is a single message. */
  private void learn(int asked, int bytes) {
    int faded = Math.max(LEAST_PAGE_BYTES, leastPage - leastPage / 64);
    leastPage = bytes > asked ? Math.max(faded, Math.min(bytes, LARGEST_LEAST_BYTES)) : faded;
  }

  private static int bytes(List<Object> page) {
    int sum = 0;
    for (Object entry : page.subList(Channel.PAGE_HEADER, page.size())) {
      sum += ((byte[]) entry).length;
    }
    return sum;
  }
}
