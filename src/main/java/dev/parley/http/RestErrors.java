package dev.parley.http;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers refused requests; Spring's own refusals (404, 405, 406, 415) are problems already. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class RestErrors {

  @ExceptionHandler
  ResponseEntity<byte[]> refused(RefusedException refused) {
    return ProblemResponse.of(refused.problem());
  }
}
