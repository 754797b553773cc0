package dev.parley.http;

import dev.parley.access.Problem;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A request that is refused, on its way to {@link RestErrors}. Without a stack trace: clients
 * decide how often it is thrown.
 */
public final class RefusedException extends RuntimeException {
  private final transient Problem problem;

  public RefusedException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  public RefusedException(ErrorCode code, String detail) {
    this(new Problem(status(code), detail, code));
  }

  RefusedException(ClientFrame.Refused refused) {
    this(problem(refused.code(), refused.path(), null));
  }

  /** One parameter of the request is not as it should be. */
  public static RefusedException parameter(ErrorCode code, String name, String detail) {
    return new RefusedException(new Problem(status(code), detail, code, null, name, 0));
  }

  /** One field of the request's body is not as it should be. */
  public static RefusedException field(String pointer, String detail) {
    ErrorCode code = ErrorCode.INVALID_MESSAGE;
    return new RefusedException(new Problem(status(code), detail, code, pointer, null, 0));
  }

  static RefusedException rateLimited(long retryAfterSeconds) {
    return new RefusedException(
        new Problem(
            HttpStatus.TOO_MANY_REQUESTS,
            "Too many requests",
            ErrorCode.RATE_LIMITED,
            retryAfterSeconds));
  }

  Problem problem() {
    return problem;
  }

  /** The problem that a failed request is answered with. */
  public static Problem problem(
      ErrorCode code, @Nullable String path, @Nullable Long retryAfterMs) {
    HttpStatus status = status(code);
    long wait = retryAfterMs == null ? 0 : 1 + TimeUnit.MILLISECONDS.toSeconds(retryAfterMs - 1);
    return new Problem(
        status,
        code.text(),
        code,
        path,
        null,
        status == HttpStatus.SERVICE_UNAVAILABLE ? Math.max(1, wait) : wait);
  }

  /** docs/PROTOCOL.md, "Over plain HTTP". */
  private static HttpStatus status(ErrorCode code) {
    return switch (code) {
      case INVALID_JSON, INVALID_MESSAGE, UNKNOWN_TYPE, INVALID_ROOM -> HttpStatus.BAD_REQUEST;
      case TOKEN_INVALID -> HttpStatus.UNAUTHORIZED;
      case FORBIDDEN, NOT_JOINED -> HttpStatus.FORBIDDEN;
      case HISTORY_UNAVAILABLE -> HttpStatus.NOT_FOUND;
      case ID_CONFLICT, ROOM_FULL -> HttpStatus.CONFLICT;
      case TOO_LARGE -> HttpStatus.CONTENT_TOO_LARGE;
      case RATE_LIMITED, TOO_MANY_ROOMS -> HttpStatus.TOO_MANY_REQUESTS;
      case BROKER_UNAVAILABLE, UNCONFIRMED -> HttpStatus.SERVICE_UNAVAILABLE;
      case INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }
}
