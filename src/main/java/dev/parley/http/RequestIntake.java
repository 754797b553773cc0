package dev.parley.http;

import dev.parley.budget.Budgets;
import dev.parley.protocol.ErrorCode;
import dev.parley.security.ClientAddress;
import dev.parley.security.Cors;
import dev.parley.security.Handshakes;
import dev.parley.security.HttpMetrics;
import dev.parley.security.HttpMetrics.Reason;
import dev.parley.security.InProgress;
import dev.parley.security.Problem;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.springframework.http.HttpStatus;

/**
 * Stands before all servlets, so that no thread ever waits for a client: they see a request once
 * its body is here ({@link RequestBody}), and are done with an answer before the client has read it
 * ({@link WholeAnswer}).
 */
final class RequestIntake extends Handler.Wrapper {
  private final HttpSockets sockets;
  private final int requestsPerAddress;
  private final RestMemory memory;
  private final HttpMetrics metrics;
  private final Cors cors;
  private final int maxBodyBytes;
  private final int maxBatchBytes;
  private final InProgress requests = new InProgress();

  RequestIntake(
      HttpSockets sockets,
      int requestsPerAddress,
      Budgets budgets,
      HttpMetrics metrics,
      Cors cors,
      int maxBodyBytes,
      int maxBatchBytes) {
    this.sockets = sockets;
    this.requestsPerAddress = requestsPerAddress;
    this.memory = new RestMemory(budgets);
    this.metrics = metrics;
    this.cors = cors;
    this.maxBodyBytes = maxBodyBytes;
    this.maxBatchBytes = maxBatchBytes;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String address = ClientAddress.of(Request.getRemoteAddr(request));
    boolean body = hasBody(request);
    // Handshakes have a rate of their own, and take no longer than it takes to answer them.
    boolean counted = body || !isHandshake(request);
    boolean admitted = !counted || requests.tryEnter(address, requestsPerAddress);
    HttpSocket socket = sockets.of(request.getConnectionMetaData().getConnection());
    Exchange exchange =
        new Exchange(
            memory, address, counted && admitted ? () -> requests.leave(address) : () -> {});
    Request.addCompletionListener(
        request,
        _ -> {
          exchange.end();
          socket.next(HttpSocket.Phase.HEAD, System.nanoTime());
        });
    socket.next(
        admitted && body ? HttpSocket.Phase.BODY : HttpSocket.Phase.HANDLING, System.nanoTime());
    WholeAnswer answer = new WholeAnswer(request, response, callback, socket, exchange, cors);
    if (!admitted) {
      metrics.refused(Reason.BUSY);
      answer.refuse(
          new Problem(
              HttpStatus.TOO_MANY_REQUESTS,
              "Too many requests from this address are in progress",
              ErrorCode.RATE_LIMITED,
              1));
      return true;
    }
    if (!body) {
      return super.handle(request, answer, answer.completion());
    }
    int most = isBatch(request) ? maxBatchBytes : maxBodyBytes;
    new RequestBody(this::proceed, request, answer, socket, exchange, metrics, most).read();
    return true;
  }

  private void proceed(Request request, WholeAnswer answer) {
    Callback completion = answer.completion();
    try {
      if (!super.handle(request, answer, completion)) {
        Response.writeError(request, answer, completion, HttpStatus.NOT_FOUND.value());
      }
    } catch (Exception fault) {
      Response.writeError(request, answer, completion, fault);
    }
  }

  /** Only what is one: a header that anybody may send is no way around the count. */
  private static boolean isHandshake(Request request) {
    return request.getConnectionMetaData().getHttpVersion() != HttpVersion.HTTP_1_0
        && request.getHeaders().contains(HttpHeader.UPGRADE, "websocket")
        && Handshakes.isAnsweredAt(Request.getPathInContext(request));
  }

  private static boolean isBatch(Request request) {
    return HttpMethod.POST.is(request.getMethod())
        && Request.getPathInContext(request).equals(MessageRequests.BATCH_PATH);
  }

  private static boolean hasBody(Request request) {
    HttpField length = request.getHeaders().getField(HttpHeader.CONTENT_LENGTH);
    return length == null
        ? request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
        : length.getLongValue() > 0;
  }
}
