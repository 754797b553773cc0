package dev.parley.http;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.security.Problem;

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
    this(new Problem(Problem.status(code), detail, code));
  }

  RefusedException(ClientFrame.Refused refused) {
    this(Problem.of(refused.code(), refused.path(), null));
  }

  /** One parameter of the request is not as it should be. */
  public static RefusedException parameter(ErrorCode code, String name, String detail) {
    return new RefusedException(new Problem(Problem.status(code), detail, code, null, name, 0));
  }

  /** One field of the request's body is not as it should be. */
  public static RefusedException field(String pointer, String detail) {
    ErrorCode code = ErrorCode.INVALID_MESSAGE;
    return new RefusedException(new Problem(Problem.status(code), detail, code, pointer, null, 0));
  }

  Problem problem() {
    return problem;
  }
}
