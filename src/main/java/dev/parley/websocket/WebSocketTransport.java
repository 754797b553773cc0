package dev.parley.websocket;

import dev.parley.connection.Connection;
import dev.parley.connection.Connections;
import dev.parley.connection.Slot;
import dev.parley.connection.Transport;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.WebSocketFraming;
import java.io.IOException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects one WebSocket of Jetty with a {@link Connection}: passes messages up to it and batches
 * down to the socket, and ends both. Belongs to the lane that reads the socket.
 */
final class WebSocketTransport implements FrameHandler, Transport {

  /*
   * A WebSocket ends in two halves (RFC 6455, section 7.1), and either side may begin, at any time.
   * The states, and what moves a connection between them:
   *
   *   handshaking ─onOpen─► open ─┬─ close(code): we end it ──────────────► closing ──┐
   *                               └─ close frame or end of stream ─► peer ended       │
   *                                   what it sent takes effect,          │           │
   *                                   then end() answers its close ───────┴► closing ─┤
   *   any state ─ the socket breaks, or its last half is closed ──────────────────► gone
   *
   * open: Jetty parses a frame only when the reader demands it. A demand is what keeps a lane fair
   * and a full instance from reading on, so nothing else may ask for frames.
   *
   * peer ended: nothing is demanded any more. Jetty's callback of the close frame is kept, because
   * Jetty answers the close as soon as it is called, and drops what is written after the answer: the
   * acks of what the peer had sent would be lost.
   *
   * closing: what waits is dropped, except a frame whose first bytes have been written; the close
   * frame follows, then the end of our half. Input is read and discarded until the peer ends its
   * half, because a socket that is closed with unread input sends a reset, and a reset takes the
   * close frame away from a peer that has not read it. The connection aborts after 5 s; then a reset
   * is what is wanted.
   *
   * gone: reached once, whatever came before; it alone releases what the connection holds. Jetty may
   * still have callbacks of ours, or we of Jetty's. Each is called, because it holds a buffer.
   *
   * Jetty's callbacks come on the lane, except onOpen and TLS's reads, which JettyConnection moves
   * there. So no state here needs a lock.
   */

  private static final Logger log = LoggerFactory.getLogger(WebSocketTransport.class);
  private static final byte[] PING = WebSocketFraming.ping(new byte[0]);

  private final SelectorLane lane;
  private final Connection connection;
  private final Connections connections;
  private final Slot slot;
  private final EndPoint endPoint;
  private final JettySocket socket;
  private final FrameReader reader;
  private @Nullable JettyConnection carrier;
  private @Nullable Callback endOfJetty;

  /** Not null between the peer's close and our answer to it, which Jetty sends when called. */
  private @Nullable Callback closeOfPeer;

  private boolean opened;
  private boolean closing;

  WebSocketTransport(
      SelectorLane lane,
      EndPoint endPoint,
      Connection connection,
      Connections connections,
      Slot slot,
      MessageLimits limits,
      long outboundLimit) {
    this.lane = lane;
    this.endPoint = endPoint;
    this.connection = connection;
    this.connections = connections;
    this.slot = slot;
    socket = new JettySocket(lane, endPoint, connection, outboundLimit);
    reader = new FrameReader(lane, connection, socket.outbound(), limits);
  }

  void carriedBy(JettyConnection jetty) {
    carrier = jetty;
  }

  // What Jetty calls, on the lane.

  @Override
  public void onOpen(CoreSession jettys, Callback callback) {
    callback.succeeded();
    if (closing) {
      return;
    }
    try {
      opened = true;
      connections.open(connection, this);
      reader.begin(jettys);
    } catch (RuntimeException fault) {
      fail(fault);
    }
  }

  @Override
  public void onFrame(Frame frame, Callback callback) {
    if (closing) {
      callback.succeeded();
      return;
    }
    connection.heard();
    if (frame.getOpCode() == OpCode.CLOSE) {
      closeOfPeer = callback;
      connection.endedByPeer(JettyFrames.closeCode(frame));
    } else {
      reader.read(frame, callback);
    }
  }

  @Override
  public void onError(Throwable cause, Callback callback) {
    callback.succeeded();
  }

  @Override
  public void onClosed(CloseStatus status, Callback callback) {
    callback.succeeded();
  }

  /**
   * Jetty sends nothing itself but the answer to the peer's close. It would close the socket as
   * soon as that is written, so it is told only when the socket is gone.
   */
  void sendForJetty(Frame frame, Callback callback) {
    lane.run(() -> {
      endOfJetty = callback;
      finish(WebSocketFraming.control(frame.getOpCode(), JettyFrames.payload(frame)));
    });
  }

  /** The peer broke the protocol. */
  void refuse(CloseCode code) {
    connection.close(code);
  }

  /**
   * The peer's stream ended. False if the socket is to stay open until what came before has taken
   * effect, and is closed then.
   */
  boolean endsWithPeer() {
    if (closing || !endPoint.isOpen()) {
      return true;
    }
    connection.endedByPeer(null);
    return false;
  }

  /** Reading failed: the socket is gone, or the fault is ours. */
  void fail(Throwable cause) {
    if (cause instanceof IOException) {
      endPoint.close(cause);
    } else {
      log.error("Connection {} failed", connection.id(), cause);
      connection.close(CloseCode.INTERNAL_ERROR);
    }
  }

  /** The socket is closed, whoever closed it. */
  void gone() {
    closing = true;
    socket.outbound().close();
    reader.stop();
    connection.ended();
    if (!opened) {
      released();
    }
    answerPeer();
    if (endOfJetty != null) {
      endOfJetty.succeeded();
    }
  }

  // What the connection calls.

  @Override
  public Outbound outbound() {
    return socket.outbound();
  }

  @Override
  public void resume() {
    reader.resume();
  }

  @Override
  public void readAgain() {
    reader.readDelayed();
  }

  @Override
  public boolean isLate(long now) {
    return reader.isLate(now);
  }

  @Override
  public void ping() {
    socket.outbound().send(PING);
  }

  @Override
  public void close(CloseCode code) {
    if (closing) {
      return;
    }
    closing = true;
    finish(WebSocketFraming.close(code.code(), code.reason()));
    answerPeer();
  }

  @Override
  public void end() {
    if (closing) {
      return;
    }
    closing = true;
    if (closeOfPeer == null) {
      endPoint.close();
    } else {
      answerPeer();
    }
  }

  @Override
  public void released() {
    connections.remove(connection, lane);
    slot.release();
  }

  @Override
  public void abort() {
    // A peer that does not read would keep what is unsent in the kernel for minutes.
    SelectorLanes.resetOnClose(endPoint);
    endPoint.close();
  }

  /** Where it is too late for an answer, this lets Jetty's buffer go and does no more. */
  private void answerPeer() {
    Callback close = closeOfPeer;
    closeOfPeer = null;
    if (close != null) {
      close.succeeded();
    }
  }

  /** Sends the last frame and the end of the stream, and waits for the peer's. */
  private void finish(byte[] close) {
    reader.stop();
    socket.outbound().finish(close, endPoint::shutdownOutput);
    JettyConnection jetty = carrier;
    if (jetty != null) {
      // Later: this may be called from within the reading that it ends.
      lane.execute(jetty::discardInput);
    }
  }
}
