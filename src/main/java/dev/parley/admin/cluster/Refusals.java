package dev.parley.admin.cluster;

import dev.parley.http.RefusedException;
import dev.parley.protocol.ErrorCode;
import dev.parley.security.Problem;
import org.springframework.http.HttpStatus;

/** How the requests of operators are refused. */
public final class Refusals {
  private static final long RETRY_SECONDS = 1;

  private Refusals() {}

  public static RefusedException bad(String parameter, String fault) {
    return RefusedException.parameter(
        ErrorCode.INVALID_MESSAGE, parameter, parameter + " " + fault);
  }

  public static RefusedException notFound(String detail) {
    return new RefusedException(new Problem(HttpStatus.NOT_FOUND, detail));
  }

  /** The one instance that could answer does not. */
  public static RefusedException silent(InstanceName instance) {
    return unavailable("Instance " + instance + " did not answer in time");
  }

  static RefusedException busy() {
    return unavailable("Too many requests to the instances are under way");
  }

  /** The broker's {@link dev.parley.broker.Outcome.Refused} as Spring's REST needs it: thrown. */
  public static RefusedException brokerUnavailable() {
    return new RefusedException(Problem.of(ErrorCode.BROKER_UNAVAILABLE, null, null));
  }

  /** The broker did not say whether it did it. */
  public static RefusedException unconfirmed(String detail) {
    return new RefusedException(
        new Problem(HttpStatus.SERVICE_UNAVAILABLE, detail, ErrorCode.UNCONFIRMED, RETRY_SECONDS));
  }

  private static RefusedException unavailable(String detail) {
    return new RefusedException(
        new Problem(HttpStatus.SERVICE_UNAVAILABLE, detail, null, RETRY_SECONDS));
  }
}
