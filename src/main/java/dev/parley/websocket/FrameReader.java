package dev.parley.websocket;

import dev.parley.connection.Connection;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.WebSocketFraming;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one WebSocket, up to the peer's close, and decides when the next one is read:
 * at once, in the lane's next turn, or when the connection takes messages again. Belongs to the
 * lane.
 */
final class FrameReader {

  /** A frame for which there is no room at present: nothing is read before it. */
  private record Delayed(Frame frame, Callback callback) {}

  private final SelectorLane lane;
  private final Connection connection;
  private final Outbound outbound;
  private final FrameAllowance allowance;
  private final MessageAssembler assembler;
  private @Nullable CoreSession session;
  private @Nullable Delayed delayed;
  private boolean stopped;
  private int costInARow;

  FrameReader(SelectorLane lane, Connection connection, Outbound outbound, MessageLimits limits) {
    this.lane = lane;
    this.connection = connection;
    this.outbound = outbound;
    allowance = new FrameAllowance(limits.frames());
    assembler = new MessageAssembler(lane, connection, limits);
  }

  void begin(CoreSession jettys) {
    session = jettys;
    demand();
  }

  /** Any frame but a close. */
  void read(Frame frame, Callback callback) {
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
        // A peer that does not read its pongs needs no more of them (RFC 6455, section 5.5.3).
        if (outbound.hasRoom()) {
          outbound.send(WebSocketFraming.pong(JettyFrames.payload(frame)));
        }
      }
      case OpCode.PONG -> connection.ponged();
      default -> {}
    }
    callback.succeeded();
    goOn(cost);
  }

  /** Reading may go on after the connection was not readable. */
  void resume() {
    if (delayed == null) {
      demand();
    } else {
      readDelayed();
    }
  }

  /** Tries again to make room for a frame that was delayed. */
  void readDelayed() {
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

  /** Whether a message is incomplete though it should not be by now. */
  boolean isLate(long now) {
    return assembler.isLate(now);
  }

  /** Nothing is read any more, and nothing is held. */
  void stop() {
    stopped = true;
    assembler.discard();
    if (delayed != null) {
      delayed.callback.succeeded();
      delayed = null;
    }
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

  private void readOn() {
    costInARow = 0;
    demand();
  }

  private void demand() {
    if (!stopped && delayed == null && session != null && connection.isReadable()) {
      session.demand();
    }
  }

  /** Whether it is not a whole message, which the rate of messages counts. */
  private static boolean isExtra(Frame frame) {
    return switch (frame.getOpCode()) {
      case OpCode.TEXT, OpCode.BINARY -> !frame.isFin();
      default -> true;
    };
  }
}
