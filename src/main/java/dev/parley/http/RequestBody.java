package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import dev.parley.security.HttpMetrics;
import dev.parley.security.HttpMetrics.Reason;
import dev.parley.security.Problem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Gathers the body of one request, without a thread, and passes the request on when the body is
 * complete. The copy grows with what has arrived, not with what was announced; a body that arrives
 * byte by byte holds its own bytes and no buffer of the network's.
 */
final class RequestBody implements Invocable.Task {
  private static final int FIRST_BYTES = 1_024;

  /**
   * So much of a refused body is still read and dropped: closing while the client sends would reset
   * the socket, and take the answer from it.
   */
  private static final int MOST_DROPPED = 1024 * 1024;

  private final BiConsumer<Request, WholeAnswer> whole;
  private final Request request;
  private final WholeAnswer answer;
  private final HttpSocket socket;
  private final Exchange exchange;
  private final HttpMetrics metrics;
  private final int maxBytes;
  private byte[] bytes = new byte[0];
  private int size;

  /** What the request is answered as soon as the rest of its body was dropped. */
  private @Nullable Problem refusal;

  private int dropped;

  /**
   * @param whole given a request whose body can be read without waiting; may block
   * @param maxBytes beyond which the request is answered with 413
   */
  RequestBody(
      BiConsumer<Request, WholeAnswer> whole,
      Request request,
      WholeAnswer answer,
      HttpSocket socket,
      Exchange exchange,
      HttpMetrics metrics,
      int maxBytes) {
    this.whole = whole;
    this.request = request;
    this.answer = answer;
    this.socket = socket;
    this.exchange = exchange;
    this.metrics = metrics;
    this.maxBytes = maxBytes;
  }

  /** Reads what is here, and the rest when it comes. */
  void read() {
    long length = request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
    if (length > maxBytes) {
      refusal = tooLarge();
    }
    if (refusal != null && (length > MOST_DROPPED || isStillWithTheClient())) {
      answer.refuse(refusal);
    } else if (gather()) {
      proceed();
    }
  }

  /** Whether the client waits to be told that the body is welcome: reading would tell it so. */
  private boolean isStillWithTheClient() {
    return request.getHeaders().contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString());
  }

  /** More is here: on the thread that reads sockets, which must not block. */
  @Override
  public void run() {
    if (gather()) {
      request.getContext().execute(this::proceed);
    }
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  /** Whether the body is whole now; if not, the rest is waited for, or the request was answered. */
  private boolean gather() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return false;
      }
      if (Content.Chunk.isFailure(chunk)) {
        failed(chunk.getFailure());
        return false;
      }
      boolean last = chunk.isLast();
      if (refusal == null) {
        refusal = keep(chunk.getByteBuffer());
      }
      dropped += refusal == null ? 0 : chunk.remaining();
      chunk.release();
      if (refusal != null && (last || dropped >= MOST_DROPPED)) {
        answer.refuse(refusal);
        return false;
      }
      if (last) {
        return true;
      }
    }
  }

  /** Why the body is not taken, null if it is. */
  private @Nullable Problem keep(ByteBuffer chunk) {
    int more = chunk.remaining();
    if (more > maxBytes - size) {
      return tooLarge();
    }
    if (size + more > bytes.length) {
      int length = Math.min(maxBytes, Math.max(size + more, Math.max(FIRST_BYTES, 2 * size)));
      if (!exchange.tryHoldBody(length - bytes.length)) {
        // At once: what is refused for want of memory may come as slowly as it likes.
        dropped = MOST_DROPPED;
        return new Problem(
            HttpStatus.SERVICE_UNAVAILABLE, "Too many request bodies are in progress", null, 1);
      }
      bytes = Arrays.copyOf(bytes, length);
    }
    chunk.get(bytes, size, more);
    size += more;
    return null;
  }

  private void proceed() {
    socket.next(HttpSocket.Phase.HANDLING, System.nanoTime());
    whole.accept(
        new Complete(request, Content.Source.from(ByteBuffer.wrap(bytes, 0, size))), answer);
  }

  private Problem tooLarge() {
    return new Problem(
        HttpStatus.CONTENT_TOO_LARGE,
        "A body of at most %d bytes is expected".formatted(maxBytes),
        ErrorCode.TOO_LARGE);
  }

  private void failed(Throwable failure) {
    if (failure instanceof TimeoutException) {
      metrics.refused(Reason.SLOW);
      answer.refuse(new Problem(HttpStatus.REQUEST_TIMEOUT, "The body arrived too slowly"));
    } else {
      answer.completion().failed(failure);
    }
  }

  /** The request, its body at hand. */
  private static final class Complete extends Request.Wrapper {
    private final Content.Source body;

    Complete(Request request, Content.Source body) {
      super(request);
      this.body = body;
    }

    @Override
    public long getLength() {
      return body.getLength();
    }

    @Override
    public Content.Chunk read() {
      return body.read();
    }

    @Override
    public void demand(Runnable demand) {
      body.demand(demand);
    }

    @Override
    public void fail(Throwable failure) {
      body.fail(failure);
    }
  }
}
