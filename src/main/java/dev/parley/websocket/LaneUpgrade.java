package dev.parley.websocket;

import dev.parley.access.Identity;
import dev.parley.connection.ClientInfo;
import dev.parley.connection.ConnectionSlots;
import dev.parley.connection.Connections;
import dev.parley.connection.Slot;
import dev.parley.security.ClientAddress;
import dev.parley.security.HandshakeAdmission;
import dev.parley.security.Handshakes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletCoreRequest;
import org.eclipse.jetty.ee11.servlet.ServletCoreResponse;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.websocket.core.Behavior;
import org.eclipse.jetty.websocket.core.ExtensionStack;
import org.eclipse.jetty.websocket.core.Negotiated;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;
import org.eclipse.jetty.websocket.core.util.WebSocketUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.handler.WebSocketHandlerDecorator;
import org.springframework.web.socket.server.HandshakeFailureException;
import org.springframework.web.socket.server.HandshakeHandler;

/**
 * Turns a handshake into a connection on a lane. It keeps nothing of the HTTP request except who
 * sent it ({@link ClientInfo}): no headers, no URI (it may hold the token), no authentication.
 *
 * <p>{@link HandshakeAdmission} has checked that it is a handshake. Spring's own handler does not
 * check it again, since it reads the headers differently: it refuses another upgrade that is
 * offered beside ours, and accepts a subprotocol in another case. Extensions are never negotiated,
 * so the client's offer is not read at all.
 *
 * <p>{@code WebSocketMappings.upgrade} of Jetty is not used: it keeps the URI, negotiates
 * permessage-deflate by itself, and reads in a way that hands every read to another thread.
 */
final class LaneUpgrade implements HandshakeHandler {
  private final SelectorLanes lanes;
  private final Connections connections;
  private final ConnectionSlots slots;
  private final MessageLimits limits;
  private final long outboundLimit;

  LaneUpgrade(
      SelectorLanes lanes,
      Connections connections,
      ConnectionSlots slots,
      MessageLimits limits,
      long outboundLimit) {
    this.lanes = lanes;
    this.connections = connections;
    this.slots = slots;
    this.limits = limits;
    this.outboundLimit = outboundLimit;
  }

  @Override
  public boolean doHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws HandshakeFailureException {
    if (!(WebSocketHandlerDecorator.unwrap(handler) instanceof ConnectionHandler lean)) {
      throw new IllegalStateException("not an endpoint of ours: " + handler);
    }
    try {
      ServletServerHttpRequest servlet = (ServletServerHttpRequest) request;
      return upgrade(
          servlet,
          (ServletServerHttpResponse) response,
          Handshakes.subprotocol(servlet.getServletRequest(), lean.getSubProtocols()),
          lean,
          attributes);
    } catch (IOException failed) {
      throw new HandshakeFailureException("The upgrade could not be answered", failed);
    }
  }

  private boolean upgrade(
      ServletServerHttpRequest request,
      ServletServerHttpResponse response,
      @Nullable String subprotocol,
      ConnectionHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    Identity identity = HandshakeAdmission.identity(attributes);
    String address = ClientAddress.of(request.getServletRequest());
    Slot slot = slots.take(identity, address);
    if (slot == null) {
      // Its last one went to another handshake since this one was admitted.
      HandshakeAdmission.refuse(slots.check(identity, address), response.getServletResponse());
      return false;
    }
    try {
      upgrade(request, response, subprotocol, handler, attributes, slot);
      return true;
    } catch (IOException | RuntimeException failed) {
      slot.release();
      throw failed;
    }
  }

  private void upgrade(
      ServletServerHttpRequest request,
      ServletServerHttpResponse response,
      @Nullable String subprotocol,
      ConnectionHandler handler,
      Map<String, Object> attributes,
      Slot slot)
      throws IOException {
    var servletRequest = request.getServletRequest();
    Request core = ServletCoreRequest.wrap(servletRequest);
    Response answer = ServletCoreResponse.wrap(core, response.getServletResponse(), false);
    ServletContextHandler context =
        ServletContextHandler.getServletContextHandler(servletRequest.getServletContext());
    // The answer is written when this thread is done with it: if that fails nothing is upgraded,
    // and nobody else gives the place back.
    Request.addCompletionListener(
        core,
        failure -> {
          if (failure != null) {
            slot.release();
          }
        });
    dev.parley.connection.Connection client = handler.connect(subprotocol, attributes);
    client.from(
        ClientInfo.of(
            servletRequest.getRemoteAddr(),
            servletRequest.getHeader(HttpHeader.USER_AGENT.asString())),
        slot.account());
    JettyConnection connection =
        connection(
            core.getConnectionMetaData(),
            WebSocketServerComponents.getWebSocketComponents(context),
            client,
            slot);

    answer.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
    HttpFields.Mutable headers = answer.getHeaders();
    headers.put(HttpHeader.UPGRADE, "websocket");
    headers.put(HttpHeader.CONNECTION, "Upgrade");
    headers.put(
        HttpHeader.SEC_WEBSOCKET_ACCEPT,
        WebSocketUtils.hashKey(core.getHeaders().get(HttpHeader.SEC_WEBSOCKET_KEY)));
    if (subprotocol != null) {
      headers.put(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, subprotocol);
    }
    core.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, connection);
    try (Blocker.Callback written = Blocker.callback()) {
      answer.write(true, null, written);
      written.block();
    }
  }

  private JettyConnection connection(
      ConnectionMetaData http,
      WebSocketComponents components,
      dev.parley.connection.Connection client,
      Slot slot) {
    EndPoint endPoint = http.getConnection().getEndPoint();
    Connector connector = http.getConnector();
    SelectorLane lane = lanes.of(endPoint);
    WebSocketTransport transport =
        new WebSocketTransport(lane, endPoint, client, connections, slot, limits, outboundLimit);
    ExtensionStack none = new ExtensionStack(components, Behavior.SERVER);
    none.negotiate(List.of(), List.of());
    JettySession session = new JettySession(transport, Negotiated.from(none), components);
    // 0 is no limit: the assembler bounds the message, over all its fragments.
    session.setMaxFrameSize(0);
    session.setIdleTimeout(Duration.ZERO);
    JettyConnection connection =
        new JettyConnection(
            endPoint,
            lane,
            connector.getScheduler(),
            connector.getByteBufferPool(),
            session,
            transport);
    transport.carriedBy(connection);
    session.setWebSocketConnection(connection);
    return connection;
  }
}
