package dev.parley.browser;

import dev.parley.Parley;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
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
    URI place = http("/dev/token?user=" + user + "&name=" + name);
    try (InputStream answer = place.toURL().openStream()) {
      return new JsonMapper().readTree(answer).path("token").asString();
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
