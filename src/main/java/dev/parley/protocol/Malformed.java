package dev.parley.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A fault on its way from where a client frame breaks the protocol to the one place that answers
 * with {@link ClientFrame.Refused}; it never leaves this package. Without a stack trace: clients
 * decide how often it is thrown.
 */
final class Malformed extends RuntimeException {
  private final ErrorCode code;
  private final @Nullable String path;

  private Malformed(ErrorCode code, @Nullable String path) {
    super(code.text(), null, false, false);
    this.code = code;
    this.path = path;
  }

  static Malformed json() {
    return new Malformed(ErrorCode.INVALID_JSON, null);
  }

  static Malformed type() {
    return new Malformed(ErrorCode.UNKNOWN_TYPE, null);
  }

  static Malformed field(String path) {
    return new Malformed(ErrorCode.INVALID_MESSAGE, path);
  }

  static Malformed room(String path) {
    return new Malformed(ErrorCode.INVALID_ROOM, path);
  }

  /** The same fault of a value that is itself at this place. */
  Malformed below(String pointer) {
    return new Malformed(code, path == null ? pointer : pointer + path);
  }

  ErrorCode code() {
    return code;
  }

  @Nullable String path() {
    return path;
  }
}
