package dev.parley.start;

import dev.parley.Parley;
import dev.parley.support.RawHttp;
import dev.parley.support.TestTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as somebody starts it for the first time: on free ports, with its own log. */
final class FirstDay implements AutoCloseable {
  static final String SECRET = "parley.access.jwt-secret=" + TestTokens.SECRET;
  private static final String TOKEN =
      "Authorization: Bearer "
          + TestTokens.with("ann", claims -> claims.claim("rooms", Map.of("*", List.of("join"))));

  private final ConfigurableApplicationContext context;

  /** Operators' endpoints are on the users' port. */
  static final String SHARED_PORT = "management.server.port=";

  private FirstDay(ConfigurableApplicationContext context) {
    this.context = context;
  }

  static FirstDay start(String... settings) {
    List<String> arguments =
        new ArrayList<>(List.of("--server.port=0", "--server.address=127.0.0.1"));
    if (!List.of(settings).contains("spring.profiles.active=dev")
        && !List.of(settings).contains(SHARED_PORT)) {
      arguments.addAll(
          List.of("--management.server.port=0", "--management.server.address=127.0.0.1"));
    }
    List.of(settings).forEach(setting -> arguments.add("--" + setting));
    return new FirstDay(
        new SpringApplicationBuilder(Parley.class).run(arguments.toArray(String[]::new)));
  }

  int port(String name) {
    return context.getEnvironment().getRequiredProperty(name, Integer.class);
  }

  RawHttp users() {
    return new RawHttp(port("local.server.port"));
  }

  RawHttp operators() {
    return new RawHttp(port("local.management.port"));
  }

  RawHttp.Answer readiness() {
    return operators().get("/actuator/health/readiness");
  }

  RawHttp.Answer handshake() {
    return users().get("/ws", TOKEN);
  }

  RawHttp.Answer publish(String room, String body) {
    return users()
        .send(
            "POST",
            "/api/v1/rooms/" + room + "/messages",
            List.of("Content-Type: application/json", "Content-Length: " + body.length()),
            TOKEN + "\r\n\r\n" + body);
  }

  @Override
  public void close() {
    context.close();
  }
}
