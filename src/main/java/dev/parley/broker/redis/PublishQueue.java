package dev.parley.broker.redis;

import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.budget.Account;
import dev.parley.protocol.Epoch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one channel publishes, in order. At most one batch is in flight, so that no retry lets a
 * later message overtake an earlier one, and what arrives meanwhile is the next batch. A batch is
 * tried for 5 seconds from each message's publication; if Redis declines it for a reason that
 * {@linkplain ScriptError.Declined#lasting lasts}, it is refused at once, with what waits behind
 * it. Belongs to the home executor.
 */
final class PublishQueue {
  private static final int BATCH_MESSAGES = 64;
  private static final int BATCH_BYTES = 256 * 1024;
  private static final int LATE_SIGNALS = 256;
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A payload that must not overtake the first {@code after} messages. */
  private record Late(long after, byte[] payload) {}

  private final RoomKeys keys;
  private final Publisher publisher;
  private final Backlog backlog;
  private final Consumer<Epoch> seen;
  private final ArrayDeque<PendingMessage> waiting = new ArrayDeque<>();
  private final ArrayDeque<Late> late = new ArrayDeque<>();
  private List<PendingMessage> batch = new ArrayList<>();

  /** The publisher's own notes. */
  boolean isDue;

  boolean isUnsettled;

  private boolean inFlight;
  private long sentAt;
  private @Nullable PrimaryConnection sentOn;

  /** Tells the answer to the last sending from those that come too late. */
  private int attempt;

  private long pausedUntil;
  private boolean paused;
  private long queued;
  private long answered;

  /**
   * @param seen told of the epoch in every answer
   */
  PublishQueue(RoomKeys keys, Publisher publisher, Backlog backlog, Consumer<Epoch> seen) {
    this.keys = keys;
    this.publisher = publisher;
    this.backlog = backlog;
    this.seen = seen;
  }

  void publish(Entry entry, Account sender, Consumer<Outcome> answer) {
    waiting.add(new PendingMessage(entry, sender, answer, System.nanoTime(), backlog));
    queued++;
    publisher.due(this);
  }

  /** Puts a payload on the bus behind the messages published so far; dropped under pressure. */
  void signal(byte[] payload) {
    if (answered == queued) {
      publisher.signal(keys.channel(), payload);
    } else if (late.size() < LATE_SIGNALS && backlog.take(Account.NOBODY, payload.length)) {
      late.add(new Late(queued, payload));
    }
  }

  boolean isIdle() {
    return batch.isEmpty() && waiting.isEmpty();
  }

  /** Sends the next batch where none is in flight; what can only be answered is. */
  void send(@Nullable PrimaryConnection connection) {
    while (!inFlight) {
      if (batch.isEmpty()) {
        form();
      }
      if (batch.isEmpty()) {
        return;
      }
      List<PendingMessage> open = open();
      if (!open.isEmpty()) {
        if (connection != null && !isPaused()) {
          write(connection, open);
        }
        return;
      }
      finish();
    }
  }

  private void form() {
    int bytes = 0;
    PendingMessage next = waiting.peek();
    while (next != null && batch.size() < BATCH_MESSAGES) {
      bytes += next.bytes().length;
      if (bytes > BATCH_BYTES && !batch.isEmpty()) {
        return;
      }
      batch.add(waiting.remove());
      next = waiting.peek();
    }
  }

  private List<PendingMessage> open() {
    for (PendingMessage message : batch) {
      if (message.isSettled()) {
        return batch.stream().filter(each -> !each.isSettled()).toList();
      }
    }
    return batch;
  }

  private boolean isPaused() {
    paused = paused && System.nanoTime() - pausedUntil < 0;
    return paused;
  }

  private void write(PrimaryConnection connection, List<PendingMessage> open) {
    inFlight = true;
    sentAt = System.nanoTime();
    sentOn = connection;
    int sending = ++attempt;
    publisher
        .send(connection, keys, open)
        .whenComplete((reply, failure) ->
            publisher.home().execute(() -> answered(sending, open, reply, failure)));
  }

  private void answered(
      int sending,
      List<PendingMessage> open,
      @Nullable List<Object> reply,
      @Nullable Throwable failure) {
    if (sending != attempt || !inFlight) {
      return;
    }
    inFlight = false;
    publisher.due(this);
    if (reply != null) {
      accepted(open, reply);
      return;
    }
    switch (ScriptError.of(failure)) {
      case ScriptError.Unknown _ -> {
        publisher.broken(sentOn);
        batch.forEach(PendingMessage::unsure);
      }
      case ScriptError.NoScript _ -> publisher.load();
      // The connection is being replaced, and the next batch goes out on its successor.
      case ScriptError.Stale _ -> pause();
      case ScriptError.Declined declined -> {
        publisher.declined(declined);
        if (declined.lasting()) {
          batch.forEach(PendingMessage::giveUp);
          waiting.forEach(PendingMessage::giveUp);
        }
        pause();
      }
    }
    expire(System.nanoTime());
  }

  private void pause() {
    paused = true;
    pausedUntil = System.nanoTime() + PAUSE_NANOS;
  }

  private void accepted(List<PendingMessage> open, List<Object> reply) {
    Epoch epoch = Epoch.read(ByteBuffer.wrap((byte[]) reply.get(0)));
    long offset = (Long) reply.get(1);
    int exception = 2;
    for (int i = 0; i < open.size(); i++) {
      PendingMessage message = open.get(i);
      if (exception < reply.size() && (Long) reply.get(exception) == i + 1) {
        ByteBuffer first = ByteBuffer.wrap((byte[]) reply.get(exception + 1));
        message.settle(
            first.hasRemaining()
                ? new Accepted(epoch, first.getLong(), first.getLong(), true)
                : PendingMessage.CONFLICT);
        exception += 2;
      } else {
        message.settle(new Accepted(epoch, offset++, message.timestamp(), false));
      }
    }
    publisher.accepted(open.size(), System.nanoTime() - sentAt);
    finish();
    seen.accept(epoch);
  }

  private void finish() {
    List<PendingMessage> done = batch;
    batch = new ArrayList<>();
    answered += done.size();
    for (PendingMessage message : done) {
      message.answer(backlog);
    }
    Late next = late.peek();
    while (next != null && next.after() <= answered) {
      backlog.give(Account.NOBODY, next.payload().length);
      publisher.signal(keys.channel(), next.payload());
      late.remove();
      next = late.peek();
    }
  }

  /** The connection is gone: what is in flight will not be answered. */
  void lost(PrimaryConnection connection) {
    if (inFlight && connection.equals(sentOn)) {
      inFlight = false;
      batch.forEach(PendingMessage::unsure);
      expire(System.nanoTime());
      publisher.due(this);
    }
  }

  /** Gives up what has waited too long; what is in flight is known only when it is answered. */
  void expire(long now) {
    if (!inFlight) {
      expire(batch, now);
    }
    expire(waiting, now);
    publisher.due(this);
  }

  private static void expire(Iterable<PendingMessage> messages, long now) {
    for (PendingMessage message : messages) {
      if (message.age(now) > PATIENCE_NANOS) {
        message.giveUp();
      }
    }
  }

  /** Whether the connection has left a batch unanswered for too long. */
  boolean isStuck(long now) {
    return inFlight && now - sentAt > PATIENCE_NANOS;
  }
}
