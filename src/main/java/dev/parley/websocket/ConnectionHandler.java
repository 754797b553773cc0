package dev.parley.websocket;

import dev.parley.access.Identity;
import dev.parley.connection.Connection;
import dev.parley.security.HandshakeAdmission;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.socket.SubProtocolCapable;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;

/**
 * What Spring knows of an endpoint. Its session methods are never called: {@link LaneUpgrade} takes
 * the connection that this makes for each handshake and lets Jetty feed it.
 */
final class ConnectionHandler extends AbstractWebSocketHandler implements SubProtocolCapable {

  /** Makes the connection of one handshake. */
  interface Endpoint {
    Connection connect(
        Identity identity, @Nullable String subprotocol, Map<String, Object> attributes);
  }

  private final Endpoint endpoint;
  private final List<String> subprotocols;

  ConnectionHandler(Endpoint endpoint, List<String> subprotocols) {
    this.endpoint = endpoint;
    this.subprotocols = subprotocols;
  }

  @Override
  public List<String> getSubProtocols() {
    return subprotocols;
  }

  Connection connect(@Nullable String subprotocol, Map<String, Object> attributes) {
    return endpoint.connect(HandshakeAdmission.identity(attributes), subprotocol, attributes);
  }
}
