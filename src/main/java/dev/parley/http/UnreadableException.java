package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * A value of a request's path or query that cannot be read, on its way from a converter to {@link
 * RestErrors}, which knows the parameter. Without a stack trace: clients decide how often it is
 * thrown.
 */
final class UnreadableException extends RuntimeException {
  private final ErrorCode code;
  private final @Nullable String expected;

  /**
   * @param expected what follows on the parameter's name; null if the code's own text says enough
   */
  UnreadableException(ErrorCode code, @Nullable String expected) {
    super(code.text(), null, false, false);
    this.code = code;
    this.expected = expected;
  }

  RefusedException as(String parameter) {
    return RefusedException.parameter(
        code, parameter, expected == null ? code.text() : parameter + " " + expected);
  }
}
