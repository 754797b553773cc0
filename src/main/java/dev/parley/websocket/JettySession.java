package dev.parley.websocket;

import dev.parley.protocol.CloseCode;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.Negotiated;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.eclipse.jetty.websocket.core.exception.CloseException;

/**
 * Jetty's session, but for how it ends. When the peer breaks the protocol, Jetty closes the socket
 * as soon as its close frame is written, and the peer may see a reset in its place: ours is closed
 * like every other. When the peer's stream ends, Jetty closes the socket at once: ours lets what
 * came before take effect first.
 */
final class JettySession extends WebSocketCoreSession {
  private final WebSocketTransport transport;

  JettySession(
      WebSocketTransport transport, Negotiated negotiated, WebSocketComponents components) {
    super(transport, Behavior.SERVER, negotiated, components);
    this.transport = transport;
  }

  @Override
  public void onEof() {
    if (transport.endsWithPeer()) {
      super.onEof();
    }
  }

  @Override
  public void processConnectionError(Throwable cause, Callback callback) {
    end(cause);
    callback.succeeded();
  }

  @Override
  public void processHandlerError(Throwable cause, Callback callback) {
    end(cause);
    callback.succeeded();
  }

  private void end(Throwable cause) {
    if (!(cause instanceof CloseException refused)) {
      transport.fail(cause);
      return;
    }
    transport.refuse(
        switch (refused.getStatusCode()) {
          case 1003 -> CloseCode.UNSUPPORTED_DATA;
          case 1007 -> CloseCode.INVALID_UTF8;
          case 1009 -> CloseCode.TOO_BIG;
          default -> CloseCode.PROTOCOL_ERROR;
        });
  }
}
