package dev.parley.security;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * Answers what Jetty refuses before any filter sees it (a malformed head, a false upgrade). Its own
 * page would be HTML and show the whole URI, with the token in it.
 */
final class JettyProblems extends ErrorHandler {
  private final Cors cors;
  private final HttpMetrics metrics;

  JettyProblems(Cors cors, HttpMetrics metrics) {
    this.cors = cors;
    this.metrics = metrics;
  }

  /** Jetty's own pages are for GET and POST alone. */
  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    if (cause instanceof HttpException) {
      metrics.refused(HttpMetrics.Reason.MALFORMED);
    }
    cors.expose(request, response.getHeaders());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response.write(true, ByteBuffer.wrap(json(code, request)), callback);
  }

  private static byte[] json(int code, Request request) {
    HttpStatus status = HttpStatus.resolve(code);
    HttpStatus known = status == null ? HttpStatus.INTERNAL_SERVER_ERROR : status;
    return new Problem(known, detail(known, request.getHeaders())).toJson();
  }

  /** Jetty's own words may quote the request. */
  private static String detail(HttpStatus status, HttpFields headers) {
    boolean strayUpgrade =
        status == HttpStatus.BAD_REQUEST
            && headers.contains(HttpHeader.UPGRADE)
            && !headers.contains(HttpHeader.CONNECTION, HttpHeader.UPGRADE.asString());
    return strayUpgrade
        ? "The header Upgrade is there, but Connection does not name it"
        : status.getReasonPhrase();
  }
}
