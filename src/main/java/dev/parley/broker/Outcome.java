package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What became of a published message. */
public sealed interface Outcome {

  /**
   * @param duplicate the id was there already: these are the first publication's offset and
   *     timestamp
   */
  record Accepted(Epoch epoch, long offset, long timestamp, boolean duplicate) implements Outcome {}

  /**
   * @param code {@code id_conflict}, {@code broker_unavailable} or {@code unconfirmed}; {@code
   *     too_many_rooms} if the message did not get as far as the broker
   * @param retryAfterMs null if nobody knows when it would be accepted
   */
  record Refused(ErrorCode code, @Nullable Long retryAfterMs) implements Outcome {
    public Refused(ErrorCode code) {
      this(code, null);
    }
  }
}
