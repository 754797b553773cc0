package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.broker.Callbacks;
import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.budget.Account;
import dev.parley.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A message that Redis has not answered for. Belongs to its queue's home executor. */
final class PendingMessage {
  static final Outcome<Accepted> UNAVAILABLE = Outcome.unavailable();
  static final Outcome<Accepted> UNCONFIRMED = Outcome.unconfirmed();
  static final Outcome<Accepted> CONFLICT = new Refused<>(ErrorCode.ID_CONFLICT);
  private static final byte[] NO_ID = {};

  private final byte[] bytes;
  private final long timestamp;
  private final Entry.@Nullable Dedup dedup;
  private final Consumer<Outcome<Accepted>> answer;
  private final Account sender;
  private final boolean counted;

  /** By System.nanoTime. */
  private final long since;

  /** Sent, and nobody knows what became of it. */
  private boolean unsure;

  private @Nullable Outcome<Accepted> outcome;

  PendingMessage(
      Entry entry,
      Account sender,
      Consumer<Outcome<Accepted>> answer,
      long since,
      Backlog backlog) {
    this.bytes = Payload.encode(entry);
    this.timestamp = entry.timestamp();
    this.dedup = entry.dedup();
    this.answer = answer;
    this.since = since;
    this.sender = sender;
    this.counted = backlog.take(sender, bytes.length);
    if (!counted) {
      outcome = UNAVAILABLE;
    }
  }

  byte[] bytes() {
    return bytes;
  }

  long timestamp() {
    return timestamp;
  }

  long age(long now) {
    return now - since;
  }

  /** Empty without an id. A user id holds no NUL, so the pair cannot be mistaken. */
  byte[] dedupField() {
    return dedup == null ? NO_ID : (dedup.user().value() + '\0' + dedup.id()).getBytes(UTF_8);
  }

  byte[] stamp() {
    return ByteBuffer.allocate(12)
        .putLong(timestamp)
        .putInt(dedup == null ? 0 : dedup.contentHash())
        .array();
  }

  boolean isSettled() {
    return outcome != null;
  }

  void settle(Outcome<Accepted> outcome) {
    this.outcome = outcome;
  }

  /** There was no answer: only one with an id may be sent again. Nothing once settled. */
  void unsure() {
    if (outcome == null) {
      unsure = true;
      if (dedup == null) {
        outcome = UNCONFIRMED;
      }
    }
  }

  /** Out of time, or no use in trying further. Nothing once settled. */
  void giveUp() {
    if (outcome == null) {
      outcome = unsure ? UNCONFIRMED : UNAVAILABLE;
    }
  }

  /** Answers, once settled. */
  void answer(Backlog backlog) {
    if (counted) {
      backlog.give(sender, bytes.length);
    }
    try {
      answer.accept(outcome == null ? UNCONFIRMED : outcome);
    } catch (RuntimeException | Error fault) {
      // The messages of the batch that follow are answered all the same.
      Callbacks.failed(fault);
    }
  }
}
