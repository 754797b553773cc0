package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What became of a request to the broker: what it answered, or why it did not do it. Every request
 * is answered with one, so there is a single way to say that the broker is away, and it carries the
 * code that the client is told. Answers implement this interface themselves: none is wrapped.
 *
 * @param <T> what the broker answers if it does what was asked for
 */
public sealed interface Outcome<T>
    permits Outcome.Accepted,
        Outcome.Done,
        Outcome.Refused,
        Deletion,
        Head,
        HistoryPage,
        LogPage,
        PresentUsers,
        ReadMarks,
        UserPresence {

  /**
   * The message is in the log.
   *
   * @param duplicate the id was there already: these are the first publication's offset and
   *     timestamp
   */
  record Accepted(Epoch epoch, long offset, long timestamp, boolean duplicate)
      implements Outcome<Accepted> {}

  /** It was done, and there is nothing else to tell. */
  record Done() implements Outcome<Done> {}

  /**
   * It was not done, or nobody knows.
   *
   * @param code {@code broker_unavailable} if the broker is away and did nothing; {@code
   *     unconfirmed} if it did not answer, and may have done it; {@code id_conflict}; {@code
   *     too_many_rooms} or {@code room_full} if the request did not get as far as the broker
   * @param retryAfterMs null if nobody knows when it would be done
   */
  record Refused<T>(ErrorCode code, @Nullable Long retryAfterMs) implements Outcome<T> {
    public Refused(ErrorCode code) {
      this(code, null);
    }
  }

  /** The broker is away: it did not do it. */
  static <T> Refused<T> unavailable() {
    return new Refused<>(ErrorCode.BROKER_UNAVAILABLE);
  }

  /** The broker did not answer: it may or may not have done it. */
  static <T> Refused<T> unconfirmed() {
    return new Refused<>(ErrorCode.UNCONFIRMED);
  }
}
