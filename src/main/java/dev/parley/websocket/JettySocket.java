package dev.parley.websocket;

import dev.parley.connection.Connection;
import dev.parley.delivery.Outbound;
import dev.parley.delivery.Socket;
import dev.parley.protocol.CloseCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of one WebSocket, as what leaves for its client is written to it. Belongs to its lane;
 * only Jetty's calls, as the {@link Callback} of the outstanding write, may come on other threads.
 */
final class JettySocket implements Socket, Callback {
  private static final Logger log = LoggerFactory.getLogger(JettySocket.class);

  private final SelectorLane lane;
  private final EndPoint endPoint;
  private final Connection connection;
  private final Outbound outbound;
  private final Runnable written;

  JettySocket(SelectorLane lane, EndPoint endPoint, Connection connection, long outboundLimit) {
    this.lane = lane;
    this.endPoint = endPoint;
    this.connection = connection;
    outbound = new Outbound(lane, this, outboundLimit);
    written = outbound::written;
  }

  /** The only one that writes here. */
  Outbound outbound() {
    return outbound;
  }

  @Override
  public boolean flush(ByteBuffer bytes) throws IOException {
    return endPoint.flush(bytes);
  }

  @Override
  public void write(ByteBuffer rest) {
    endPoint.write(this, rest);
  }

  @Override
  public void overflowed() {
    if (outbound.isOpen()) {
      log.info(
          "Connection {} is too slow: {} bytes wait for it", connection.id(), outbound.backlog());
      connection.close(CloseCode.TOO_SLOW);
    }
  }

  @Override
  public void broken(Throwable cause) {
    endPoint.close(cause);
  }

  @Override
  public void succeeded() {
    lane.execute(written);
  }

  @Override
  public void failed(Throwable cause) {
    lane.execute(() -> outbound.failed(cause));
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }
}
