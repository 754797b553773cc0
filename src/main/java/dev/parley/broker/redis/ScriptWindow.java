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
 * Runs scripts that may be run again, in one stream to Redis. It keeps Redis busy, however far away
 * it is, without letting anything else on the connection wait for long: it limits the bytes of the
 * answers in flight. The calls of a room are executed in the order in which they were submitted;
 * rooms take turns.
 *
 * <p>Its state belongs to one executor, which gathers what was submitted and answered since its
 * last turn and sends what follows in one write.
 */
final class ScriptWindow {

  /*
   * A call is in one of these places until it is answered:
   *
   *   waiting         in the queue of its room
   *   inFlight        sent, and not answered by Redis
   *   again           to be sent again, ahead of everything that waits
   *   declined        to be sent again at the next tick
   *   behindDeclined  in the queue of a room that has a declined call
   *
   *   waiting  -- there are bytes free, and it is the room's turn -->  inFlight
   *   inFlight -- the connection was lost, or lacks the script -->     again
   *   inFlight -- Redis declined it -->                                declined; the calls of its
   *                                                       room that wait become behindDeclined
   *   again    -- at once -->                                          waiting, first of its room
   *   declined, behindDeclined -- tick() -->                           waiting, in their order
   *
   * Nothing overtakes in a room, since an EXIT that is run again could undo a later ENTER. Rooms
   * are independent, so a declined call stops only its own room. A call that has timed out has
   * been answered with null, but occupies its bytes until Redis answers or the connection is lost:
   * its answer may still be on the way.
   *
   * The window is in bytes, not in calls, because pages differ by orders of magnitude, and what is
   * sent behind their answers, such as the heartbeat, waits for the bytes. How large a page will be
   * is not known before it is read. So each is requested with its room's share of the free bytes,
   * and Redis ends it there: many rooms at once get small pages, a single one gets a large page. A
   * message that is larger than its share arrives all the same. Therefore the smallest request
   * (leastPage) grows with such messages, and shrinks by 1/64 with each page.
   *
   * Rooms take turns as in fair queueing (J. Nagle, RFC 970): a room that is read over and over
   * delays the others by one page.
   *
   * docs/ARCHITECTURE.md, "Reading many rooms at once".
   */

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
    for (Object entry : page.subList(Replies.PAGE_HEADER, page.size())) {
      sum += ((byte[]) entry).length;
    }
    return sum;
  }
}
