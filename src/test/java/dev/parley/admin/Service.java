package dev.parley.admin;

import dev.parley.admin.cluster.LocalInstance;
import dev.parley.support.ParleyService;
import dev.parley.support.TestTokens;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One instance of the whole service in this JVM, and requests to it. */
final class Service implements AutoCloseable {
  static final String ADMIN = scoped("parley.admin");

  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Watcher> watchers = new ArrayList<>();
  private final ParleyService service;

  Service(String... settings) {
    service =
        ParleyService.secured(
            Stream.concat(
                    Stream.of("parley.presence.grace=100ms", "parley.drain.window=500ms"),
                    Stream.of(settings))
                .toArray(String[]::new));
  }

  static Service onRedis(String host, int port) {
    return new Service(
        "parley.broker=redis", "spring.data.redis.host=" + host, "spring.data.redis.port=" + port);
  }

  /** An answer, read as JSON where there is a body. */
  record Answer(int status, String type, JsonNode body) {}

  static String scoped(String scopes) {
    return TestTokens.with("ops", claims -> claims.claim("scope", scopes));
  }

  static String userToken(String user) {
    return TestTokens.with(
        user,
        claims ->
            claims.claim("rooms", Map.of("*", List.of("join", "publish", "presence", "history"))));
  }

  Watcher user(String user) {
    return user(user, "/ws");
  }

  Watcher user(String user, String path) {
    Watcher watcher = new Watcher(service.handshake(path).token(userToken(user)), path);
    watchers.add(watcher);
    return watcher;
  }

  Answer get(String path) throws Exception {
    return call("GET", path, ADMIN, "");
  }

  /** With an admin's token; a body is JSON. */
  Answer call(String method, String path, String token, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.http(path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
    String type = response.headers().firstValue("Content-Type").orElse("");
    return new Answer(
        response.statusCode(),
        type,
        JSON.readTree(type.contains("json") ? response.body() : "null"));
  }

  String name() {
    return service.bean(LocalInstance.class).name().value();
  }

  <T> T bean(Class<T> type) {
    return service.bean(type);
  }

  @Override
  public void close() {
    watchers.forEach(Watcher::close);
    service.close();
    client.close();
  }
}
