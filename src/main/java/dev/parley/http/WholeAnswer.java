package dev.parley.http;

import dev.parley.security.Cors;
import dev.parley.security.Problem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

/**
 * Collects an answer in memory, so that the thread that makes it is free at once, and then writes
 * it without a thread, as fast as the client reads. The request is complete when both are done.
 *
 * <p>Two things have to happen, in either order: the application completes the request, and the
 * last byte is written. Both are guarded by the monitor; Jetty is called outside of it.
 */
final class WholeAnswer extends Response.Wrapper {
  private static final int FIRST_BYTES = 1_024;

  /** So much is written at a time, and counts as progress of the client once it is taken. */
  private static final int SLICE_BYTES = 32 * 1_024;

  private final Callback callback;
  private final HttpSocket socket;
  private final Exchange exchange;
  private final Cors cors;
  private byte[] bytes = new byte[0];
  private int size;
  private boolean begun;
  private boolean refused;
  private boolean sending;
  private boolean completed;
  private boolean written;
  private @Nullable Throwable failure;

  WholeAnswer(
      Request request,
      Response response,
      Callback callback,
      HttpSocket socket,
      Exchange exchange,
      Cors cors) {
    super(request, response);
    this.callback = callback;
    this.socket = socket;
    this.exchange = exchange;
    this.cors = cors;
  }

  /** What the application is to call when it is done with the request. */
  Callback completion() {
    return new Callback() {
      @Override
      public void succeeded() {
        send();
        complete();
      }

      @Override
      public void failed(Throwable fault) {
        callback.failed(fault);
      }

      @Override
      public InvocationType getInvocationType() {
        return callback.getInvocationType();
      }
    };
  }

  /** Answers in place of the application, and reads no more from the client. */
  void refuse(Problem problem) {
    replaceBy(problem);
    cors.expose(getRequest(), getHeaders());
    getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
    send();
    complete();
  }

  @Override
  public void write(boolean last, @Nullable ByteBuffer content, Callback done) {
    begun = true;
    if (content != null && content.hasRemaining() && !refused) {
      keep(content);
    }
    if (last) {
      send();
    }
    done.succeeded();
  }

  @Override
  public boolean isCommitted() {
    return begun || super.isCommitted();
  }

  @Override
  public boolean hasLastWrite() {
    return sending || super.hasLastWrite();
  }

  @Override
  public void reset() {
    super.reset();
    size = 0;
    begun = false;
  }

  private void keep(ByteBuffer content) {
    int more = content.remaining();
    if (size + more > bytes.length) {
      int length = length(size + more);
      if (!exchange.tryHold(length - bytes.length)) {
        content.position(content.limit());
        refused = true;
        return;
      }
      bytes = Arrays.copyOf(bytes, length);
    }
    content.get(bytes, size, more);
    size += more;
  }

  /** What to hold for an answer of so much: no more than that if its length is known. */
  private int length(int least) {
    long announced = getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
    return announced >= least && announced <= Integer.MAX_VALUE
        ? (int) announced
        : Math.max(least, Math.max(FIRST_BYTES, 2 * size));
  }

  private void send() {
    synchronized (this) {
      if (sending) {
        return;
      }
      sending = true;
    }
    if (refused) {
      replaceBy(
          new Problem(HttpStatus.SERVICE_UNAVAILABLE, "Too many answers are in progress", null, 1));
    }
    if (size > SLICE_BYTES && !getHeaders().contains(HttpHeader.CONTENT_LENGTH)) {
      getHeaders().put(HttpHeader.CONTENT_LENGTH, size);
    }
    begun = true;
    socket.next(HttpSocket.Phase.ANSWER, System.nanoTime());
    new Slices().iterate();
  }

  private void replaceBy(Problem problem) {
    setStatus(problem.status().value());
    getHeaders().remove(HttpHeader.CONTENT_ENCODING);
    getHeaders().remove(HttpHeader.ETAG);
    getHeaders().put(HttpHeader.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    if (problem.retryAfterSeconds() > 0) {
      getHeaders()
          .put(new HttpField(HttpHeaders.RETRY_AFTER, Long.toString(problem.retryAfterSeconds())));
    }
    bytes = problem.toJson();
    size = bytes.length;
    getHeaders().put(HttpHeader.CONTENT_LENGTH, size);
  }

  private void complete() {
    synchronized (this) {
      if (completed) {
        return;
      }
      completed = true;
      if (!written) {
        return;
      }
    }
    finish();
  }

  private void written(@Nullable Throwable fault) {
    synchronized (this) {
      written = true;
      failure = fault;
      if (!completed) {
        return;
      }
    }
    finish();
  }

  private void finish() {
    if (failure == null) {
      callback.succeeded();
    } else {
      callback.failed(failure);
    }
  }

  private final class Slices extends IteratingCallback {
    private int next;
    private int slice;
    private boolean lastSent;

    @Override
    protected Action process() {
      socket.sent(slice);
      if (lastSent) {
        return Action.SUCCEEDED;
      }
      slice = Math.min(SLICE_BYTES, size - next);
      ByteBuffer content = ByteBuffer.wrap(bytes, next, slice);
      next += slice;
      lastSent = next == size;
      getWrapped().write(lastSent, content, this);
      return Action.SCHEDULED;
    }

    @Override
    protected void onCompleteSuccess() {
      written(null);
    }

    @Override
    protected void onCompleteFailure(Throwable fault) {
      written(fault);
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }
}
