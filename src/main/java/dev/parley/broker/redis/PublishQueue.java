package dev.parley.broker.redis;

import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.budget.Account;
import dev.parley.protocol.Epoch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one channel that Redis has not answered yet, in order, and the signals and
 * actions behind them. It decides what is sent next and what each message is answered; it sends
 * nothing itself. The {@link Publisher} asks it for the {@linkplain #next next} batch, says that
 * the batch was {@linkplain #sent sent}, and reports what became of it. Times are those of
 * System.nanoTime. Belongs to the home executor.
 */
final class PublishQueue {

  /*
   * A queue is in one of three states:
   *
   *   READY      nothing is in flight; next() returns a batch if there are messages
   *   IN_FLIGHT  a batch was sent, and its answer is awaited
   *   PAUSED     the batch was declined, and is sent again after 100 ms
   *
   *   READY     -- sent() -->                                           IN_FLIGHT
   *   IN_FLIGHT -- accepted() -->                                       READY, the batch is done
   *   IN_FLIGHT -- lost(), or failed() without an answer or script -->  READY, the same batch
   *   IN_FLIGHT -- failed() with STALE or another error -->             PAUSED, the same batch
   *   PAUSED    -- next() after the pause -->                           READY
   *
   * Why a single batch is in flight: Redis may execute a command although its answer was lost. If
   * a second batch were behind it, the repetition of the first would arrive after the second, and
   * the messages would be stored out of order. Messages that arrive in the meantime form the next
   * batch, so a busy room still needs few round trips.
   *
   * An error reply means that nothing was executed: the batch can be sent again. No reply means
   * that nobody knows. Then only messages with an id may be sent again, since the script recognizes
   * them; the others are unconfirmed. Each sending has a number, so that an answer to an earlier
   * one, which was counted as lost, is not taken for an answer to the current one.
   *
   * A message is tried for 5 s from its publication. The time of a message in flight is checked
   * only when it is answered or the connection is lost, because until then it may succeed. If Redis
   * declines a batch for a lasting reason, everything that waits is refused at once.
   *
   * docs/ARCHITECTURE.md, "Publishing"; docs/RATIONALE.md, "Why does a full Redis refuse at once".
   */

  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  static final int BATCH_MESSAGES = 64;
  static final int BATCH_BYTES = 256 * 1024;
  static final int HELD_SIGNALS = 256;

  private enum State {
    READY,
    IN_FLIGHT,
    PAUSED
  }

  private final RoomKeys keys;
  private final Backlog backlog;
  private final Consumer<Epoch> seen;
  private final ArrayDeque<PendingMessage> waiting = new ArrayDeque<>();
  private final ArrayDeque<Held> held = new ArrayDeque<>();

  /** The messages that are tried at present, some of which may have been given up. */
  private List<PendingMessage> batch = List.of();

  private State state = State.READY;
  private long pausedUntil;
  private long published;
  private long answered;
  private int heldSignals;

  // The last sending.
  private int sending;
  private long connection;
  private long sentAt;
  private List<PendingMessage> sent = List.of();

  /**
   * @param seen told of the epoch in every answer
   */
  PublishQueue(RoomKeys keys, Backlog backlog, Consumer<Epoch> seen) {
    this.keys = keys;
    this.backlog = backlog;
    this.seen = seen;
  }

  RoomKeys keys() {
    return keys;
  }

  void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer, long now) {
    waiting.add(new PendingMessage(entry, sender, answer, now, backlog));
    published++;
  }

  /** Whether it has no messages. */
  boolean isIdle() {
    return batch.isEmpty() && waiting.isEmpty();
  }

  /** Whether a signal or an action would overtake something now. */
  boolean isBehind() {
    return answered != published || !held.isEmpty();
  }

  /** Holds a signal until the messages published so far are answered; dropped under pressure. */
  void hold(byte[] payload) {
    if (heldSignals < HELD_SIGNALS && backlog.take(Account.NOBODY, payload.length)) {
      heldSignals++;
      held.add(new Held.Signal(published, payload));
    }
  }

  /** Holds an action until the messages published so far are answered. */
  void hold(Runnable action) {
    held.add(new Held.Action(published, action));
  }

  /** Removes the first of those held that nothing is ahead of any more, null if there is none. */
  @Nullable Held release() {
    Held first = held.peek();
    if (first == null || first.after() > answered) {
      return null;
    }
    held.remove();
    if (first instanceof Held.Signal signal) {
      heldSignals--;
      backlog.give(Account.NOBODY, signal.payload().length);
    }
    return first;
  }

  /**
   * The messages to send now; empty if there are none or they have to wait. Messages that have been
   * given up are answered. Whoever sends them calls {@link #sent} before it asks again.
   */
  List<PendingMessage> next(long now) {
    if (state == State.PAUSED && now - pausedUntil >= 0) {
      state = State.READY;
    }
    while (state != State.IN_FLIGHT && !isIdle()) {
      if (batch.isEmpty()) {
        batch = form();
      }
      List<PendingMessage> open = open();
      if (!open.isEmpty()) {
        return state == State.READY ? open : List.of();
      }
      finish();
    }
    return List.of();
  }

  private List<PendingMessage> form() {
    List<PendingMessage> formed = new ArrayList<>(Math.min(waiting.size(), BATCH_MESSAGES));
    int bytes = 0;
    PendingMessage next = waiting.peek();
    while (next != null && formed.size() < BATCH_MESSAGES) {
      bytes += next.bytes().length;
      if (bytes > BATCH_BYTES && !formed.isEmpty()) {
        break;
      }
      formed.add(waiting.remove());
      next = waiting.peek();
    }
    return formed;
  }

  private List<PendingMessage> open() {
    for (PendingMessage message : batch) {
      if (message.isSettled()) {
        return batch.stream().filter(each -> !each.isSettled()).toList();
      }
    }
    return batch;
  }

  /**
   * What {@link #next} returned was sent.
   *
   * @param order of the connection, by which {@link #lost} refers to it
   * @return the number of this sending
   */
  int sent(List<PendingMessage> messages, long order, long now) {
    state = State.IN_FLIGHT;
    sent = messages;
    connection = order;
    sentAt = now;
    return ++sending;
  }

  /** Whether the answer to this sending still counts. */
  boolean awaits(int number) {
    return state == State.IN_FLIGHT && number == sending;
  }

  int messagesInFlight() {
    return sent.size();
  }

  long sentAt() {
    return sentAt;
  }

  /**
   * Redis executed the batch.
   *
   * @param reply of the script
   */
  void accepted(List<Object> reply) {
    state = State.READY;
    Epoch epoch = PublishScript.settle(sent, reply);
    finish();
    seen.accept(epoch);
  }

  private void finish() {
    List<PendingMessage> done = batch;
    batch = List.of();
    sent = List.of();
    for (PendingMessage message : done) {
      message.answer(backlog);
      answered++;
    }
  }

  /** Redis did not execute the batch, or nobody knows whether it did. */
  void failed(ScriptError error, long now) {
    switch (error) {
      case ScriptError.Unknown _ -> unsure();
      case ScriptError.NoScript _ -> state = State.READY;
      case ScriptError.Stale _ -> pause(now);
      case ScriptError.Declined declined -> {
        pause(now);
        if (declined.lasting()) {
          batch.forEach(PendingMessage::giveUp);
          waiting.forEach(PendingMessage::giveUp);
        }
      }
    }
    expire(now);
  }

  private void unsure() {
    state = State.READY;
    batch.forEach(PendingMessage::unsure);
  }

  private void pause(long now) {
    state = State.PAUSED;
    pausedUntil = now + PAUSE_NANOS;
  }

  /** The connection is gone: what was sent on it will not be answered. */
  void lost(long order, long now) {
    if (state == State.IN_FLIGHT && connection == order) {
      unsure();
      expire(now);
    }
  }

  /** Gives up what has waited too long; what is in flight may still succeed. */
  void expire(long now) {
    if (state != State.IN_FLIGHT) {
      expire(batch, now);
    }
    expire(waiting, now);
  }

  private static void expire(Iterable<PendingMessage> messages, long now) {
    for (PendingMessage message : messages) {
      if (message.age(now) > PATIENCE_NANOS) {
        message.giveUp();
      }
    }
  }

  /** Whether a batch has been unanswered for too long. */
  boolean isStuck(long now) {
    return state == State.IN_FLIGHT && now - sentAt > PATIENCE_NANOS;
  }
}
