package dev.parley.security;

import dev.parley.access.OriginPattern;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.cors.CorsUtils;

/**
 * Tells browsers what pages of allowed origins may send and read (Fetch, "CORS protocol"). Cookies
 * play no part, so credentials are not allowed.
 */
public final class Cors {
  /** All methods of REST that a browser asks for; it sends HEAD unasked. */
  private static final String METHODS = "GET, POST, PUT, DELETE";

  /** All headers that REST reads beside those that a page may send unasked. */
  private static final String REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key";

  /** The headers of answers that say what to do next. */
  private static final String RESPONSE_HEADERS =
      "Retry-After, WWW-Authenticate, Allow, Accept, Accept-Encoding";

  private static final String MAX_AGE_SECONDS = "600";

  private final OriginCheck check;

  Cors(List<OriginPattern> allowed) {
    this.check = new OriginCheck(allowed);
  }

  boolean allows(HttpServletRequest request) {
    return check.allows(request);
  }

  /** Lets the request's page read the answer; allowed origins only. */
  void expose(HttpServletRequest request, HttpServletResponse response) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null) {
      response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      response.setHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    }
  }

  /** The same for an answer that no filter sees; does nothing if the origin is not allowed. */
  public void expose(Request request, HttpFields.Mutable response) {
    response.put(HttpHeader.VARY, HttpHeaders.ORIGIN);
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin != null && check.allows(request)) {
      response.put(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
      response.put(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    }
  }

  /** Whether the request asked what may be sent, and is answered now; allowed origins only. */
  boolean answersPreflight(HttpServletRequest request, HttpServletResponse response) {
    if (!CorsUtils.isPreFlightRequest(request)) {
      return false;
    }
    response.setHeader(
        HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, request.getHeader(HttpHeaders.ORIGIN));
    response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    response.setHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
    response.setStatus(HttpStatus.NO_CONTENT.value());
    return true;
  }
}
