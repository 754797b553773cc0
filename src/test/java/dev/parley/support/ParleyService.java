package dev.parley.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.Parley;
import dev.parley.access.token.DevTokens;
import dev.parley.protocol.UserId;
import dev.parley.readiness.Precondition;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The service in this JVM, on free ports of loopback, with an embedded broker unless the settings
 * say otherwise. {@link ParleyProcess} is one in a JVM of its own.
 *
 * <p>To start one takes seconds. A shared one is used again by all tests that ask for the same
 * settings, up to the end of the JVM; rooms and users of their own keep tests apart.
 */
public final class ParleyService implements AutoCloseable {
  private static final String PORT = "server.port=";

  // By default an instance takes 20 s to send its clients away, and waits 5 s for them to be back.
  private static final List<String> DEV =
      List.of(
          "spring.profiles.active=dev",
          PORT + "0",
          "parley.presence.grace=300ms",
          "parley.drain.window=100ms");

  private static final List<String> SECURED =
      List.of(
          PORT + "0",
          "server.address=127.0.0.1",
          "management.server.port=0",
          "management.server.address=127.0.0.1",
          "parley.drain.window=0s",
          "parley.access.jwt-secret=" + TestTokens.SECRET);

  private static final Map<List<String>, ParleyService> RUNNING = new ConcurrentHashMap<>();
  private static final AtomicLong NAMES = new AtomicLong();

  private final ConfigurableApplicationContext context;
  private final int port;

  private ParleyService(List<String> settings, Map<String, Object> environment) {
    context =
        new SpringApplicationBuilder(Parley.class)
            .initializers(created ->
                created
                    .getEnvironment()
                    .getPropertySources()
                    .addLast(
                        new SystemEnvironmentPropertySource("test-systemEnvironment", environment)))
            .run(settings.stream().map(setting -> "--" + setting).toArray(String[]::new));
    port = port("local.server.port");
  }

  private static ParleyService ready(List<String> settings) {
    ParleyService service = new ParleyService(settings, Map.of());
    service.awaitReady();
    return service;
  }

  /** Spring would make a list of a setting that is given twice. */
  private static List<String> merged(List<String> common, List<String> settings) {
    Map<String, String> byName = new LinkedHashMap<>();
    byName.put("spring.main.banner-mode", "spring.main.banner-mode=off");
    common.forEach(setting -> byName.put(setting.split("=", 2)[0], setting));
    settings.forEach(setting -> byName.put(setting.split("=", 2)[0], setting));
    return new ArrayList<>(byName.values());
  }

  /** In profile {@code dev}, for all tests that ask for these settings; never closed by them. */
  public static ParleyService shared(String... settings) {
    return RUNNING.computeIfAbsent(merged(DEV, List.of(settings)), ParleyService::ready);
  }

  /** Limits off, so many lanes. */
  public static ParleyService withLanes(int lanes) {
    return shared("parley.limits.enabled=false", "parley.lanes=" + lanes);
  }

  /** In profile {@code dev}, one of the caller's own, which it closes. */
  public static ParleyService start(String... settings) {
    return ready(merged(DEV, List.of(settings)));
  }

  /** On the port of one that was closed: what a restart looks like to a client. */
  public static ParleyService startAt(int port, String... settings) {
    return ready(merged(merged(DEV, List.of(PORT + port)), List.of(settings)));
  }

  /**
   * Without a profile, as in production: {@link TestTokens} are valid, and operators have a port of
   * their own.
   */
  public static ParleyService secured(String... settings) {
    return ready(merged(SECURED, List.of(settings)));
  }

  /** As {@link #secured}, for all tests that ask for these settings; never closed by them. */
  public static ParleyService sharedSecured(String... settings) {
    return RUNNING.computeIfAbsent(merged(SECURED, List.of(settings)), ParleyService::ready);
  }

  /**
   * With nothing set but this, and not yet ready when it returns.
   *
   * @param environment variables of the process, as it were
   */
  public static ParleyService bare(Map<String, Object> environment, List<String> settings) {
    return new ParleyService(settings, environment);
  }

  /** Waits until it has reached whatever it needs: before, handshakes are answered with 503. */
  private void awaitReady() {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() ->
            context.getBeanProvider(Precondition.class).stream()
                .allMatch(each -> each.unmet() == null));
  }

  /** The users' port. */
  public int port() {
    return port;
  }

  public int managementPort() {
    return port("local.management.port");
  }

  private int port(String name) {
    return context.getEnvironment().getRequiredProperty(name, Integer.class);
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  /** What this setting is. */
  public String setting(String name) {
    return context.getEnvironment().getRequiredProperty(name);
  }

  public URI http(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  public String ws(String path) {
    return "ws://127.0.0.1:" + port + path;
  }

  /** The users' port without any client's own idea of HTTP. */
  public RawHttp raw() {
    return new RawHttp(port);
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

  /** A token of profile {@code dev}. */
  public String token(String user, int seconds) {
    return bean(DevTokens.class)
        .issue(new UserId(user), "Name of " + user, null, Duration.ofSeconds(seconds))
        .token();
  }

  /** The token of an operator who may do everything, in profile {@code dev}. */
  public String operator() {
    return bean(DevTokens.class)
        .issue(new UserId("operator"), null, "parley.admin", Duration.ofMinutes(10))
        .token();
  }

  /** Does by REST what an operator may do, in profile {@code dev}. */
  public void operate(String method, String path) {
    RawHttp.Answer answer =
        raw().send(method, "/api/v1" + path, List.of(), "Authorization: Bearer " + operator());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
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

  /** What Prometheus reads, in profile {@code dev}. */
  public String metrics() {
    try (InputStream body = http("/actuator/prometheus").toURL().openStream()) {
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
