package dev.parley.http;

import dev.parley.security.UnknownPath;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/**
 * Answers requests of paths that the door lets through and nothing serves, as the door does. Before
 * {@link RestErrors}.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class UnknownPaths {
  private final UnknownPath unknown;

  UnknownPaths(Environment environment) {
    unknown = new UnknownPath(environment.acceptsProfiles(Profiles.of("dev")));
  }

  @ExceptionHandler
  ResponseEntity<byte[]> unknown(NoResourceFoundException nothing) {
    ResponseEntity<byte[]> answer = ProblemResponse.of(unknown.problem());
    return unknown.link().isEmpty()
        ? answer
        : ResponseEntity.status(answer.getStatusCode())
            .headers(answer.getHeaders())
            .header(HttpHeaders.LINK, unknown.link())
            .body(answer.getBody());
  }
}
