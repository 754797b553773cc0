package dev.parley.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;

/**
 * Jetty's WebSocket connection, read and written by one lane. Jetty parses and keeps the protocol's
 * state; every byte that leaves goes through our {@link WebSocketTransport}, whose batches of
 * frames Jetty's own writer would cut apart.
 */
final class JettyConnection extends WebSocketConnection {
  private static final int DISCARD_BYTES = 16 * 1024;
  private static final int DISCARDS_PER_TURN = 4;

  /**
   * Who had begun to send so much when it was closed, such as a message that is too long, still
   * learns why; who sends more is reset.
   */
  private static final long MOST_DISCARDED = 16 * 1024 * 1024;

  private final SelectorLane lane;
  private final WebSocketTransport transport;
  private final ByteBufferPool buffers;

  /** What Jetty calls when there is something to read: at once, on the selector's thread. */
  private final Callback fillable =
      new Callback() {
        @Override
        public void succeeded() {
          onFillable();
        }

        @Override
        public void failed(Throwable cause) {
          onFillInterestedFailed(cause);
        }

        @Override
        public InvocationType getInvocationType() {
          return InvocationType.NON_BLOCKING;
        }
      };

  private final Runnable reading = this::read;
  private boolean discarding;
  private long discarded;

  JettyConnection(
      EndPoint endPoint,
      SelectorLane lane,
      Scheduler scheduler,
      ByteBufferPool buffers,
      WebSocketCoreSession session,
      WebSocketTransport transport) {
    super(endPoint, lane, scheduler, buffers, session);
    this.lane = lane;
    this.transport = transport;
    this.buffers = buffers;
    setUseInputDirectByteBuffers(true);
  }

  @Override
  public void onOpen() {
    // Jetty opens on a thread of the servlet pool and reads there; the lane is to be the only
    // reader.
    lane.execute(() -> {
      super.onOpen();
      if (!getEndPoint().isOpen()) {
        // Closed before it was ours: Jetty told its former connection, and tells nobody now.
        transport.gone();
      }
    });
  }

  @Override
  public void fillInterested() {
    fillInterested(fillable);
  }

  @Override
  public void onFillable() {
    if (getEndPoint() instanceof EndPoint.Wrapper) {
      // TLS may call from a thread of Jetty's pool.
      lane.execute(reading);
    } else {
      lane.enter(reading);
    }
  }

  @Override
  public void run() {
    read();
  }

  @Override
  public void enqueueFrame(OutgoingEntry entry) {
    transport.sendForJetty(entry.getFrame(), entry.getCallback());
  }

  /**
   * Nothing: behind the peer's close frame Jetty would read on and parse up to the end of the
   * stream, never giving the lane back to others while more comes.
   */
  @Override
  public void cancelDemand() {}

  @Override
  public void onClose(Throwable cause) {
    super.onClose(cause);
    lane.execute(transport::gone);
  }

  /**
   * From now on input is read and dropped up to its end. A socket that is closed with input unread
   * sends a reset, which takes the close frame from a peer that has not read it yet.
   */
  void discardInput() {
    if (!discarding) {
      discarding = true;
      if (!getEndPoint().isFillInterested()) {
        discard();
      }
    }
  }

  private void read() {
    if (discarding) {
      discard();
    } else {
      super.onFillable();
    }
  }

  private void discard() {
    RetainableByteBuffer buffer = buffers.acquire(DISCARD_BYTES, true);
    try {
      ByteBuffer bytes = buffer.getByteBuffer();
      for (int i = 0; i < DISCARDS_PER_TURN; i++) {
        bytes.position(0).limit(0);
        int filled = getEndPoint().fill(bytes);
        if (filled < 0) {
          getEndPoint().close();
          return;
        }
        if (filled == 0) {
          getEndPoint().tryFillInterested(fillable);
          return;
        }
        discarded += filled;
        if (discarded > MOST_DISCARDED) {
          transport.abort();
          return;
        }
      }
      lane.afterFlush(reading);
    } catch (IOException broken) {
      getEndPoint().close();
    } finally {
      buffer.release();
    }
  }
}
