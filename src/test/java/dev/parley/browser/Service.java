package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.Parley;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/** The service in this JVM, in profile {@code dev} on a free port, with an embedded broker. */
final class Service implements AutoCloseable {
  private final ConfigurableApplicationContext context;
  private final int port;

  private Service(int port, String... properties) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--spring.profiles.active=dev",
                "--spring.main.banner-mode=off",
                "--server.port=" + port,
                "--parley.presence.grace=500ms",
                "--parley.drain.window=100ms"));
    for (String property : properties) {
      arguments.add("--" + property);
    }
    context = new SpringApplicationBuilder(Parley.class).run(arguments.toArray(String[]::new));
    this.port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  static Service start(String... properties) {
    return new Service(0, properties);
  }

  /** The same port once more: what a restart looks like to a client. */
  static Service startAt(int port, String... properties) {
    return new Service(port, properties);
  }

  int port() {
    return port;
  }

  String ws(String path) {
    return "ws://127.0.0.1:" + port + path;
  }

  URI http(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** A token of profile {@code dev}. */
  String token(String user, String name) throws IOException {
    return token(http("/dev/token?user=" + user + "&name=" + name));
  }

  /** Does by REST what an operator may do. */
  void operate(String method, String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(http("/api/v1" + path))
                  .header(
                      "Authorization",
                      "Bearer " + token(http("/dev/token?user=ops&scope=parley.admin")))
                  .method(method, BodyPublishers.noBody())
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  private static String token(URI place) throws IOException {
    try (InputStream answer = place.toURL().openStream()) {
      return new JsonMapper().readTree(answer).path("token").asString();
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
