package dev.parley.websocket;

import dev.parley.connection.Connection;
import dev.parley.connection.Connections;
import dev.parley.connection.Slot;
import dev.parley.connection.Transport;
import dev.parley.delivery.Outbound;
import dev.parley.delivery.Socket;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.WebSocketFraming;
import java.io.IOException;
import java.nio.ByteBuffer;
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
 * One WebSocket between Jetty and a {@link Connection}: frames in, messages up; batches down, bytes
 * out; and how it ends. Belongs to the lane that reads it.
 */
final class WebSocketTransport implements FrameHandler, Transport, Socket {
  private static final Logger log = LoggerFactory.getLogger(WebSocketTransport.class);
  private static final byte[] PING = WebSocketFraming.ping(new byte[0]);

  private final SelectorLane lane;
  private final Connection connection;
  private final Connections connections;
  private final Slot slot;
  private final FrameAllowance allowance;
  private final MessageAssembler assembler;
  private final EndPoint endPoint;
  private final Outbound outbound;
  private @Nullable JettyConnection carrier;
  private @Nullable CoreSession session;
  private @Nullable Callback endOfJetty;

  /** A frame for which there is no room at present: nothing is read before it. */
  private @Nullable Delayed delayed;

  private record Delayed(Frame frame, Callback callback) {}

  /** Not null between the peer's close and our answer to it, which Jetty sends when called. */
  private @Nullable Callback closeOfPeer;

  private final Runnable written;
  private boolean opened;
  private boolean closing;
  private int costInARow;

  private final Callback writing =
      new Callback() {
        @Override
        public void succeeded() {
          lane.execute(written);
        }

        @Override
        public void failed(Throwable cause) {
          lane.execute(() -> outbound().failed(cause));
        }

        @Override
        public InvocationType getInvocationType() {
          return InvocationType.NON_BLOCKING;
        }
      };

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
    allowance = new FrameAllowance(limits.frames());
    assembler = new MessageAssembler(lane, connection, limits);
    outbound = new Outbound(lane, this, outboundLimit);
    written = outbound::written;
  }

  void carriedBy(JettyConnection jetty) {
    carrier = jetty;
  }

  // What Jetty calls, on the lane.

  @Override
  public void onOpen(CoreSession jettys, Callback callback) {
    session = jettys;
    callback.succeeded();
    if (closing) {
      return;
    }
    try {
      opened = true;
      connections.open(connection, this);
      demand();
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
    int cost = SelectorLane.costOfReading(frame.getPayloadLength());
    if (isExtra(frame) && !allowance.take(frame.getPayloadLength())) {
      connection.close(CloseCode.FLOODING);
      callback.succeeded();
      return;
    }
    switch (frame.getOpCode()) {
      case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> {
        if (!assembler.prepare(frame)) {
          delayed = new Delayed(frame, callback);
          return;
        }
        accept(frame);
      }
      case OpCode.PING -> {
        // Who does not read its pongs needs no more of them (RFC 6455, section 5.5.3).
        if (outbound.hasRoom()) {
          outbound.send(WebSocketFraming.pong(JettyFrames.payload(frame)));
        }
      }
      case OpCode.CLOSE -> {
        closeOfPeer = callback;
        connection.endedByPeer(JettyFrames.closeCode(frame));
        return;
      }
      case OpCode.PONG -> connection.ponged();
      default -> {}
    }
    callback.succeeded();
    goOn(cost);
  }

  private void accept(Frame frame) {
    CloseCode refused = assembler.accept(frame);
    if (refused != null) {
      connection.close(refused);
    }
  }

  private void goOn(int cost) {
    costInARow += cost;
    if (lane.mayReadOn(cost, costInARow)) {
      demand();
    } else {
      lane.afterFlush(this::readOn);
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
   * The peer's stream ended. False where the socket is to stay open until what came before has
   * taken effect, and is closed then.
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
    outbound.close();
    discard();
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
    return outbound;
  }

  @Override
  public void resume() {
    if (delayed == null) {
      demand();
    } else {
      readAgain();
    }
  }

  @Override
  public void readAgain() {
    Delayed next = delayed;
    if (next == null) {
      return;
    }
    // It cannot show any other sign of life.
    connection.heard();
    if (assembler.prepare(next.frame)) {
      int cost = SelectorLane.costOfReading(next.frame.getPayloadLength());
      delayed = null;
      accept(next.frame);
      next.callback.succeeded();
      goOn(cost);
    }
  }

  @Override
  public boolean isLate(long now) {
    return assembler.isLate(now);
  }

  @Override
  public void ping() {
    outbound.send(PING);
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

  // What the outbound calls.

  @Override
  public boolean flush(ByteBuffer bytes) throws IOException {
    return endPoint.flush(bytes);
  }

  @Override
  public void write(ByteBuffer rest) {
    endPoint.write(writing, rest);
  }

  @Override
  public void overflowed() {
    if (!closing) {
      log.info(
          "Connection {} is too slow: {} bytes wait for it", connection.id(), outbound.backlog());
      connection.close(CloseCode.TOO_SLOW);
    }
  }

  @Override
  public void broken(Throwable cause) {
    endPoint.close(cause);
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
    discard();
    outbound.finish(close, endPoint::shutdownOutput);
    JettyConnection jetty = carrier;
    if (jetty != null) {
      // Later: this may be called from within the reading that it ends.
      lane.execute(jetty::discardInput);
    }
  }

  /** Whether it is neither a whole message, which the rate of messages counts, nor the last. */
  private static boolean isExtra(Frame frame) {
    return switch (frame.getOpCode()) {
      case OpCode.TEXT, OpCode.BINARY -> !frame.isFin();
      case OpCode.CLOSE -> false;
      default -> true;
    };
  }

  private void discard() {
    assembler.discard();
    if (delayed != null) {
      delayed.callback.succeeded();
      delayed = null;
    }
  }

  private void readOn() {
    costInARow = 0;
    demand();
  }

  private void demand() {
    if (!closing && delayed == null && session != null && connection.isReadable()) {
      session.demand();
    }
  }
}
