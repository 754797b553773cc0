package dev.parley.support;

import dev.parley.Parley;
import dev.parley.access.token.DevTokens;
import dev.parley.protocol.UserId;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The service in this JVM: profile {@code dev}, embedded broker, a free port. One that was started
 * with the same settings is used again, up to the end of the JVM; rooms and users of their own keep
 * tests apart.
 */
public final class ParleyService implements AutoCloseable {
  private static final Map<List<String>, ParleyService> RUNNING = new ConcurrentHashMap<>();
  private static final AtomicLong NAMES = new AtomicLong();

  private final ConfigurableApplicationContext context;
  private final int port;

  private ParleyService(List<String> settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--spring.profiles.active=dev",
                "--spring.main.banner-mode=off",
                "--server.port=0",
                "--parley.presence.grace=300ms"));
    settings.forEach(setting -> arguments.add("--" + setting));
    context = new SpringApplicationBuilder(Parley.class).run(arguments.toArray(String[]::new));
    Ready.awaitReady(context);
    port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
  }

  /** One for all tests that ask for these settings; never closed by them. */
  public static ParleyService shared(String... settings) {
    return RUNNING.computeIfAbsent(List.of(settings), ParleyService::new);
  }

  /** Limits off, so many lanes. */
  public static ParleyService withLanes(int lanes) {
    return shared("parley.limits.enabled=false", "parley.lanes=" + lanes);
  }

  /** One of the caller's own, which it closes. */
  public static ParleyService start(String... settings) {
    return new ParleyService(List.of(settings));
  }

  public int port() {
    return port;
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  public Handshake handshake(String target) {
    return new Handshake(port, target);
  }

  /** A guest that speaks the whole protocol, and has been welcomed. */
  public TestClient guest() {
    TestClient client = handshake("/ws").subprotocol("parley.v1").connect();
    client.next("welcome");
    return client;
  }

  /** A connection of this user that speaks the whole protocol, and has been welcomed. */
  public TestClient user(String user) {
    TestClient client =
        handshake("/ws").subprotocol("parley.v1").token(token(user, 3_600)).connect();
    client.next("welcome");
    return client;
  }

  public TestClient plain() {
    return handshake("/ws").connect();
  }

  public String token(String user, int seconds) {
    return bean(DevTokens.class)
        .issue(new UserId(user), "Name of " + user, null, Duration.ofSeconds(seconds))
        .token();
  }

  /** The token of an operator who may do everything. */
  public String operator() {
    return bean(DevTokens.class)
        .issue(new UserId("operator"), null, "parley.admin", Duration.ofMinutes(10))
        .token();
  }

  /** What the metrics count under this name and tag. */
  public double count(String meter, String tag, String value) {
    return bean(MeterRegistry.class).get(meter).tag(tag, value).counter().count();
  }

  public double gauge(String meter) {
    return bean(MeterRegistry.class).get(meter).gauge().value();
  }

  /** How many connections are open, of every kind. */
  public double openConnections() {
    return bean(MeterRegistry.class).get("parley.connections").gauges().stream()
        .mapToDouble(gauge -> gauge.value())
        .sum();
  }

  /** What Prometheus reads. */
  public String metrics() {
    try (InputStream body =
        URI.create("http://127.0.0.1:" + port + "/actuator/prometheus").toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** A name that no other test has. */
  public static String unique(String prefix) {
    return prefix + "-" + NAMES.incrementAndGet();
  }

  @Override
  public void close() {
    context.close();
  }
}
