package dev.parley.websocket;

import dev.parley.access.AccessProperties;
import dev.parley.access.Identity;
import dev.parley.access.LimitsProperties;
import dev.parley.access.MessageRateLimiter;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.budget.OutboundProperties;
import dev.parley.connection.Connection;
import dev.parley.connection.ConnectionMetrics;
import dev.parley.connection.ConnectionSettings;
import dev.parley.connection.ConnectionSlots;
import dev.parley.connection.Connections;
import dev.parley.connection.FrameConnection;
import dev.parley.connection.FrameSettings;
import dev.parley.connection.WebSocketProperties;
import dev.parley.protocol.ClientFrames;
import dev.parley.protocol.RoomName;
import dev.parley.room.ProtocolMode;
import dev.parley.room.RoomProperties;
import dev.parley.room.Rooms;
import dev.parley.security.HandshakeAdmission;
import dev.parley.security.Handshakes;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/**
 * The WebSocket endpoints: {@code /ws}, {@code /raw/{room}} and, in profile {@code dev}, {@code
 * /echo}.
 */
@Configuration(proxyBeanMethods = false)
class WebSocketConfiguration {
  private static final int FIRST = 0;
  private static final int BEFORE_PAGES = 1;

  /** A connection that is in no room for this long is closed with 4004. */
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final Rooms rooms;
  private final Connections connections;
  private final ConnectionSlots slots;
  private final FrameSettings frames;
  private final ConnectionSettings settings;
  private final MessageRateLimiter.Rate rate;
  private final HandshakeAdmission admission;
  private final LaneUpgrade handshakes;
  private final boolean dev;

  WebSocketConfiguration(
      Rooms rooms,
      Connections connections,
      SelectorLanes lanes,
      ConnectionSlots slots,
      Budgets budgets,
      ConnectionMetrics metrics,
      HandshakeAdmission admission,
      WebSocketProperties webSocket,
      OutboundProperties outbound,
      LimitsProperties limits,
      AccessProperties access,
      RoomProperties roomProperties,
      Environment environment) {
    long maxMessageBytes = webSocket.maxMessageBytes().toBytes();
    if (outbound.limit().toBytes() < 4 * maxMessageBytes) {
      throw new InvalidConfigurationPropertyValueException(
          "parley.outbound.limit",
          outbound.limit(),
          "It must be at least 4 times parley.websocket.max-message-bytes.");
    }
    this.rooms = rooms;
    this.slots = slots;
    this.connections = connections;
    this.admission = admission;
    rate = MessageRateLimiter.Rate.of(limits);
    settings =
        new ConnectionSettings(
            webSocket.heartbeat(),
            maxMessageBytes,
            access.clockSkew(),
            Clock.systemUTC(),
            budgets.of(BudgetKind.INBOUND),
            metrics);
    frames =
        new FrameSettings(
            rooms,
            new ClientFrames(new RoomName(roomProperties.defaultName())),
            rate,
            limits.roomsPerConnection(),
            limits.enabled() ? limits.messagesPerSecond() : 0,
            budgets.of(BudgetKind.ROOMS),
            IDLE);
    handshakes =
        new LaneUpgrade(
            lanes,
            connections,
            slots,
            new MessageLimits(maxMessageBytes, webSocket.messageTimeout(), rate),
            outbound.limit().toBytes());
    dev = environment.acceptsProfiles(Profiles.of("dev"));
  }

  /**
   * A mapping of our own, not Spring's registry: that would judge the origin once more behind the
   * door, and fail on what is no URL.
   */
  @Bean
  HandlerMapping webSocketEndpoints() {
    Map<String, WebSocketHttpRequestHandler> endpoints = new HashMap<>();
    endpoints.put("/ws", endpoint(frameHandler(), admission));
    endpoints.put(
        "/raw/*",
        endpoint(
            new ConnectionHandler(this::raw, List.of()),
            new RawRoom(rooms),
            admission,
            new RawPosition(rooms, slots)));
    if (dev) {
      endpoints.put("/echo", endpoint(new ConnectionHandler(this::echo, List.of()), admission));
    }
    return new SimpleUrlHandlerMapping(endpoints, BEFORE_PAGES);
  }

  /**
   * In profile dev an upgrade of the root is one of {@code /ws}; whatever else is asked there is a
   * page.
   */
  @Bean
  @Profile("dev")
  HandlerMapping rootUpgrade() {
    return new SimpleUrlHandlerMapping(Map.of("/", endpoint(frameHandler(), admission)), FIRST) {
      @Override
      protected @Nullable Object getHandlerInternal(HttpServletRequest request) throws Exception {
        return Handshakes.isUpgrade(request) ? super.getHandlerInternal(request) : null;
      }
    };
  }

  private WebSocketHttpRequestHandler endpoint(
      ConnectionHandler handler, HandshakeInterceptor... interceptors) {
    WebSocketHttpRequestHandler endpoint = new WebSocketHttpRequestHandler(handler, handshakes);
    endpoint.setHandshakeInterceptors(List.of(interceptors));
    return endpoint;
  }

  private ConnectionHandler frameHandler() {
    return new ConnectionHandler(
        (identity, subprotocol, attributes) ->
            new FrameConnection(
                connections.nextId(),
                identity,
                settings,
                frames,
                FrameConnection.SUBPROTOCOL.equals(subprotocol)
                    ? ProtocolMode.FULL
                    : ProtocolMode.PLAIN),
        List.of(FrameConnection.SUBPROTOCOL));
  }

  private Connection raw(
      Identity identity, @Nullable String subprotocol, Map<String, Object> attributes) {
    return new RawConnection(
        connections.nextId(),
        identity,
        settings,
        RawRoom.of(attributes),
        RawPosition.of(attributes),
        rooms,
        new Pace(rate));
  }

  private Connection echo(
      Identity identity, @Nullable String subprotocol, Map<String, Object> attributes) {
    return new EchoConnection(connections.nextId(), identity, settings, new Pace(rate));
  }
}
