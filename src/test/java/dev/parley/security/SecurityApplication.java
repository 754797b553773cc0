package dev.parley.security;

import dev.parley.access.AccessProperties;
import dev.parley.access.AdmissionGate;
import dev.parley.access.HistoryProperties;
import dev.parley.access.LimitsProperties;
import dev.parley.access.RoomPolicies;
import dev.parley.access.token.Identities;
import dev.parley.access.token.TokenConfiguration;
import dev.parley.access.token.Tokens;
import dev.parley.support.TestTokens;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistration;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/** The door on a real Jetty, and behind it endpoints that say who came in. */
@EnableAutoConfiguration(
    exclude = {DataRedisAutoConfiguration.class, DataRedisReactiveAutoConfiguration.class})
@EnableConfigurationProperties({
  AccessProperties.class,
  HistoryProperties.class,
  HttpProperties.class,
  LimitsProperties.class
})
@EnableWebSocket
@Import({
  AccessMetrics.class,
  SecurityApplication.Users.class,
  SecurityConfiguration.class,
  HandshakeAdmission.class,
  HttpMetrics.class,
  Identities.class,
  RoomPolicies.class,
  TokenConfiguration.class,
  Tokens.class
})
public class SecurityApplication implements WebSocketConfigurer {
  public static final String SECRET = TestTokens.SECRET;

  private final HandshakeAdmission admission;

  SecurityApplication(HandshakeAdmission admission) {
    this.admission = admission;
  }

  /** Starts on free ports, with these settings above those of the jar. */
  public static ConfigurableApplicationContext start(String... settings) {
    List<String> args = new ArrayList<>(List.of("--server.port=0"));
    if (Stream.of(settings).noneMatch(setting -> setting.equals("spring.profiles.active=dev"))) {
      args.add("--management.server.port=0");
    }
    Stream.of(settings).map("--"::concat).forEach(args::add);
    return new SpringApplicationBuilder(SecurityApplication.class)
        .properties("server.address=127.0.0.1", "spring.main.banner-mode=off")
        .run(args.toArray(String[]::new));
  }

  public static int port(ConfigurableApplicationContext context) {
    return port(context, "local.server.port");
  }

  public static int port(ConfigurableApplicationContext context, String name) {
    return context.getEnvironment().getRequiredProperty(name, Integer.class);
  }

  @Bean
  public static AtomicReference<AdmissionGate.@Nullable Refusal> refusal() {
    return new AtomicReference<>();
  }

  @Bean
  public static AdmissionGate gate(AtomicReference<AdmissionGate.@Nullable Refusal> refusal) {
    return (identity, address) -> refusal.get();
  }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    register(registry.addHandler(new WhoAmI(), "/ws", "/raw/*"), admission);
    register(registry.addHandler(new WhoAmI(), "/"), new UpgradesOnly(), admission);
  }

  private static void register(
      WebSocketHandlerRegistration registration, HandshakeInterceptor... interceptors) {
    registration
        .addInterceptors(interceptors)
        .setHandshakeHandler(new LastSubprotocol())
        .setAllowedOriginPatterns("*");
  }

  /** As in the service: what is no upgrade at the root is no handshake. */
  private static final class UpgradesOnly implements HandshakeInterceptor {
    @Override
    public boolean beforeHandshake(
        ServerHttpRequest request,
        ServerHttpResponse response,
        WebSocketHandler handler,
        Map<String, Object> attributes) {
      boolean upgrade =
          Handshakes.isUpgrade(((ServletServerHttpRequest) request).getServletRequest());
      if (!upgrade) {
        response.setStatusCode(HttpStatus.NOT_FOUND);
      }
      return upgrade;
    }

    @Override
    public void afterHandshake(
        ServerHttpRequest request,
        ServerHttpResponse response,
        WebSocketHandler handler,
        @Nullable Exception failure) {}
  }

  /** Takes whatever subprotocol is offered last, so that a token would come back if it got here. */
  private static final class LastSubprotocol extends DefaultHandshakeHandler {

    @Override
    protected @Nullable String selectProtocol(List<String> requested, WebSocketHandler handler) {
      return requested.isEmpty() ? null : requested.getLast();
    }

    @Override
    protected @Nullable Principal determineUser(
        ServerHttpRequest request, WebSocketHandler handler, Map<String, Object> attributes) {
      return null;
    }
  }

  private static final class WhoAmI extends TextWebSocketHandler {

    @Override
    public void afterConnectionEstablished(WebSocketSession session) throws Exception {
      session.sendMessage(
          new TextMessage(HandshakeAdmission.identity(session.getAttributes()).user().value()));
    }
  }

  @RestController
  static class Users {

    @GetMapping("/api/me")
    String me() {
      return String.valueOf(SecurityContextHolder.getContext().getAuthentication());
    }

    @PostMapping("/api/me")
    String post() {
      return me();
    }

    @GetMapping("/elsewhere")
    String elsewhere() {
      return "never seen";
    }
  }
}
