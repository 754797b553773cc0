package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;

/** What became of a published message. */
public sealed interface Outcome {

  /**
   * @param duplicate the id was there already: these are the first publication's offset and
   *     timestamp
   */
  record Accepted(Epoch epoch, long offset, long timestamp, boolean duplicate) implements Outcome {}

  /**
   * @param code {@code id_conflict}, {@code broker_unavailable} or {@code unconfirmed}
   */
  record Refused(ErrorCode code) implements Outcome {}
}
