package dev.parley.http;

import dev.parley.security.Problem;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** A {@link Problem} as the answer of an endpoint. */
final class ProblemResponse {
  private ProblemResponse() {}

  static ResponseEntity<byte[]> of(Problem problem) {
    return of(problem, HttpHeaders.EMPTY);
  }

  /**
   * @param more headers that say what would have been right
   */
  static ResponseEntity<byte[]> of(Problem problem, HttpHeaders more) {
    ResponseEntity.BodyBuilder response =
        ResponseEntity.status(problem.status())
            .headers(more)
            .contentType(MediaType.APPLICATION_PROBLEM_JSON)
            .cacheControl(CacheControl.noStore());
    if (problem.retryAfterSeconds() > 0) {
      response.header(HttpHeaders.RETRY_AFTER, Long.toString(problem.retryAfterSeconds()));
    }
    return response.body(problem.toJson());
  }
}
