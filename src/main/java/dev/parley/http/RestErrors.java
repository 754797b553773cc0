package dev.parley.http;

import dev.parley.security.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Answers refused requests, ours and those that Spring itself refuses (404, 405, 406, 415). Each
 * answer is made here and whole: one that Spring were to render would depend on the header {@code
 * Accept}, which may be what is wrong.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class RestErrors extends ResponseEntityExceptionHandler {

  @ExceptionHandler
  ResponseEntity<byte[]> refused(RefusedException refused) {
    return ProblemResponse.of(refused.problem(), refused.headers());
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleTypeMismatch(
      TypeMismatchException refused,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return NestedExceptionUtils.getRootCause(refused) instanceof UnreadableException unreadable
            && refused instanceof MethodArgumentTypeMismatchException argument
        ? answer(ProblemResponse.of(unreadable.as(argument.getName()).problem()))
        : super.handleTypeMismatch(refused, headers, status, request);
  }

  @Override
  protected ResponseEntity<Object> handleHttpMediaTypeNotAcceptable(
      HttpMediaTypeNotAcceptableException refused,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return answer(
        status,
        "The header Accept does not admit " + types(refused.getSupportedMediaTypes()),
        headers);
  }

  @Override
  protected ResponseEntity<Object> handleHttpMediaTypeNotSupported(
      HttpMediaTypeNotSupportedException refused,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    return answer(
        status,
        "A body is expected to be " + types(refused.getSupportedMediaTypes()) + ", by Content-Type",
        headers);
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception refused,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    ResponseEntity<Object> springs =
        super.handleExceptionInternal(refused, body, headers, status, request);
    if (springs == null) {
      return null;
    }
    String detail = springs.getBody() instanceof ProblemDetail problem ? problem.getDetail() : null;
    return answer(status, detail, headers);
  }

  private static ResponseEntity<Object> answer(
      HttpStatusCode code, @Nullable String detail, HttpHeaders headers) {
    HttpStatus status = HttpStatus.valueOf(code.value());
    return answer(
        ProblemResponse.of(
            new Problem(status, detail == null ? status.getReasonPhrase() : detail), headers));
  }

  private static ResponseEntity<Object> answer(ResponseEntity<byte[]> problem) {
    return new ResponseEntity<>(problem.getBody(), problem.getHeaders(), problem.getStatusCode());
  }

  private static String types(List<MediaType> types) {
    return types.isEmpty() ? MediaType.APPLICATION_JSON_VALUE : MediaType.toString(types);
  }
}
