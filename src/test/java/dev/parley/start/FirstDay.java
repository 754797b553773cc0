package dev.parley.start;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.TestTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The service as somebody starts it for the first time: on free ports, with its own log. */
final class FirstDay implements AutoCloseable {
  static final String SECRET = "parley.access.jwt-secret=" + TestTokens.SECRET;
  private static final String TOKEN =
      "Authorization: Bearer "
          + TestTokens.with("ann", claims -> claims.claim("rooms", Map.of("*", List.of("join"))));

  private final ParleyService service;

  /** Operators' endpoints are on the users' port. */
  static final String SHARED_PORT = "management.server.port=";

  private FirstDay(ParleyService service) {
    this.service = service;
  }

  static FirstDay start(String... settings) {
    List<String> arguments = new ArrayList<>(List.of("server.port=0", "server.address=127.0.0.1"));
    if (!List.of(settings).contains("spring.profiles.active=dev")
        && !List.of(settings).contains(SHARED_PORT)) {
      arguments.addAll(List.of("management.server.port=0", "management.server.address=127.0.0.1"));
    }
    arguments.addAll(List.of(settings));
    return new FirstDay(ParleyService.bare(Map.of(), arguments));
  }

  int port() {
    return service.port();
  }

  int managementPort() {
    return service.managementPort();
  }

  RawHttp users() {
    return service.raw();
  }

  RawHttp operators() {
    return new RawHttp(managementPort());
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
    service.close();
  }
}
