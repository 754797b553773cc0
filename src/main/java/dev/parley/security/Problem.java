package dev.parley.security;

import dev.parley.protocol.ErrorCode;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Why a request was refused, as RFC 9457 writes it. The type is {@code about:blank}: status and, if
 * docs/PROTOCOL.md has one, {@code code} say all that a program needs.
 *
 * @param detail for people; holds nothing that the request did not show openly, never a token
 * @param path JSON Pointer (RFC 6901) of the field at fault
 * @param parameter the parameter at fault: of the path, the query, or a header
 * @param retryAfterSeconds 0 if waiting does not help
 */
public record Problem(
    HttpStatus status,
    String detail,
    @Nullable ErrorCode code,
    @Nullable String path,
    @Nullable String parameter,
    long retryAfterSeconds) {
  private static final JsonMapper JSON = JsonMapper.shared();

  public Problem(HttpStatus status, String detail) {
    this(status, detail, null, null, null, 0);
  }

  public Problem(HttpStatus status, String detail, @Nullable ErrorCode code) {
    this(status, detail, code, null, null, 0);
  }

  public Problem(
      HttpStatus status, String detail, @Nullable ErrorCode code, long retryAfterSeconds) {
    this(status, detail, code, null, null, retryAfterSeconds);
  }

  /**
   * What a request that failed with this code is answered.
   *
   * @param retryAfterMs null if nobody knows when it would not fail
   */
  public static Problem of(ErrorCode code, @Nullable String path, @Nullable Long retryAfterMs) {
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
  public static HttpStatus status(ErrorCode code) {
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

  public byte[] toJson() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", "about:blank");
    fields.put("title", status.getReasonPhrase());
    fields.put("status", status.value());
    fields.put("detail", detail);
    if (code != null) {
      fields.put("code", code.wireName());
    }
    if (path != null) {
      fields.put("path", path);
    }
    if (parameter != null) {
      fields.put("parameter", parameter);
    }
    if (retryAfterSeconds > 0) {
      fields.put("retryAfterMs", TimeUnit.SECONDS.toMillis(retryAfterSeconds));
    }
    return JSON.writeValueAsBytes(fields);
  }

  /** Writes the whole answer; headers that are set already stay. */
  public void writeTo(HttpServletResponse response) throws IOException {
    byte[] body = toJson();
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (retryAfterSeconds > 0) {
      response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfterSeconds));
    }
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
