package dev.parley.http;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.security.Problem;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/**
 * A request that is refused, on its way to {@link RestErrors}. Without a stack trace: clients
 * decide how often it is thrown.
 */
public final class RefusedException extends RuntimeException {
  private final transient Problem problem;
  private final transient HttpHeaders headers;

  public RefusedException(Problem problem) {
    this(problem, HttpHeaders.EMPTY);
  }

  private RefusedException(Problem problem, HttpHeaders headers) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
    this.headers = headers;
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

  /**
   * The body is written in a way that is not understood (415).
   *
   * @param header of the answer, which says in {@code value} what would be
   */
  static RefusedException unsupported(String detail, String header, String value) {
    HttpHeaders headers = new HttpHeaders();
    headers.set(header, value);
    return new RefusedException(new Problem(HttpStatus.UNSUPPORTED_MEDIA_TYPE, detail), headers);
  }

  Problem problem() {
    return problem;
  }

  HttpHeaders headers() {
    return headers;
  }
}
