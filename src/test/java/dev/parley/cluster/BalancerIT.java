package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.Entrance;
import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The balancer of docker-compose.yml in front of two instances, over TLS. */
@Tag("cluster")
@Timeout(180)
class BalancerIT {
  private static final String PAGE = "the page";

  /** So many clients that each of two instances has some, whatever the ports are hashed to. */
  private static final int ENOUGH = 30;

  private static StandIn tryout;
  private static Cluster cluster;
  private static Balancer balancer;

  @BeforeAll
  static void start() {
    tryout = StandIn.answering(200, PAGE);
    // First, so that nothing else is started where there is no nginx.
    try (Balancer trial = Balancer.start("balancer-trial", List.of(tryout.port()), tryout.port())) {
      assertThat(trial.port()).isPositive();
    }
    cluster =
        Cluster.start(
            "balancer", RedisProcess.launch(), "--server.forward-headers-strategy=native");
    balancer =
        Balancer.start(
            "balancer", List.of(cluster.left().port(), cluster.right().port()), tryout.port());
  }

  @AfterAll
  static void stop() {
    if (balancer != null) {
      balancer.close();
    }
    if (cluster != null) {
      cluster.close();
    }
    if (tryout != null) {
      tryout.close();
    }
  }

  @Test
  void webSocketsPassAndMembersOnBothInstancesHearEachOther() {
    Ledger ledger = new Ledger();
    List<Subscriber> subscribers = new ArrayList<>();
    for (int i = 0; i < ENOUGH; i++) {
      subscribers.add(
          new Subscriber(ledger, "tls", "s" + i).connect(balancer.door("c" + i)).awaitJoined());
    }
    assertThat(connections(cluster.left())).isPositive();
    assertThat(connections(cluster.right())).isPositive();
    Publisher publisher =
        Publisher.start(ledger, balancer.door("p"), "tls", "p", Publisher.Load.of(1_000));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> subscribers.stream().allMatch(each -> each.count() == 1_000));
    assertThat(publisher.refusals()).isEmpty();
    assertThat(subscribers).allMatch(each -> each.violations().isEmpty());
    publisher.close();
    subscribers.forEach(Subscriber::close);
    awaitClosed();
  }

  @Test
  void aBrowserGetsARouteWithThePageAndComesBackToItsInstance() throws Exception {
    Set<ParleyProcess> used = new HashSet<>();
    for (int i = 0; i < ENOUGH && (i < 4 || used.size() < 2); i++) {
      HttpResponse<String> page = get("/");
      assertThat(page.body()).isEqualTo(PAGE);
      String cookie = page.headers().firstValue("Set-Cookie").orElseThrow();
      assertThat(cookie)
          .matches("parley_route=[0-9a-f]{32}; Path=/; Secure; HttpOnly; SameSite=Lax");
      Entrance door =
          balancer.door(cookie.substring("parley_route=".length(), cookie.indexOf(';')));
      ParleyProcess instance = instanceBehind(door);
      assertThat(instanceBehind(door)).isEqualTo(instance);
      used.add(instance);
    }
    assertThat(used).contains(cluster.left(), cluster.right());
  }

  @Test
  void aClientWithoutACookieComesBackToTheInstanceOfItsAddress() throws IOException {
    ParleyProcess instance = instanceBehind(balancer.door());
    assertThat(instanceBehind(balancer.door())).isEqualTo(instance);
    assertThat(instanceBehind(balancer.door())).isEqualTo(instance);
  }

  @Test
  void theOriginThatCountsIsTheBalancersWhateverAClientSays() throws Exception {
    String own = "https://127.0.0.1:" + balancer.port();
    assertThat(verdict("Origin", own)).isEqualTo(426);
    assertThat(verdict("Origin", "http://127.0.0.1:" + balancer.port())).isEqualTo(403);
    assertThat(verdict("Origin", "https://example.org")).isEqualTo(403);
    String liar = "https://example.org";
    assertThat(verdict("Origin", liar, "X-Forwarded-Host", "example.org")).isEqualTo(403);
    assertThat(verdict("Origin", liar, "Forwarded", "host=example.org;proto=https")).isEqualTo(403);
    assertThat(verdict("Origin", liar, "X-Forwarded-Server", "example.org")).isEqualTo(403);
    assertThat(verdict("Origin", own, "X-Forwarded-Port", "1")).isEqualTo(426);
    assertThat(verdict("Origin", own, "X-Forwarded-Proto", "http")).isEqualTo(426);
  }

  /** As under docker compose, where the port that is published is not the one it listens on. */
  @Test
  void thePortThatClientsSeeCounts() throws IOException {
    String request =
        """
        GET /ws HTTP/1.1\r
        Host: localhost\r
        Origin: https://localhost%s\r
        Authorization: Bearer %s\r
        Connection: close\r
        \r
        """;
    String token = ParleyProcess.token("ann");
    assertThat(balancer.status(request.formatted("", token))).isEqualTo("HTTP/1.1 426");
    assertThat(balancer.status(request.formatted(":" + balancer.port(), token)))
        .isEqualTo("HTTP/1.1 403");
  }

  @Test
  void whatIsNotThePublicsIsNotFound() throws Exception {
    for (String path :
        List.of("/actuator", "/actuator/health", "/actuator/prometheus", "/dev", "/echo")) {
      assertThat(get(path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(get("/dev/token?user=ann").body()).isEqualTo(PAGE);
  }

  @Test
  void noTokenIsLogged() throws Exception {
    String token = ParleyProcess.token("tell-tale");
    assertThat(get("/ws?token=" + token).statusCode()).isEqualTo(426);
    // An instance that is gone makes nginx complain.
    try (Balancer lonely = Balancer.start("balancer-lonely", List.of(1), 1)) {
      assertThat(get(lonely, "/ws?token=" + token).statusCode()).isEqualTo(502);
      // It is written when the answer is out already.
      await()
          .untilAsserted(
              () -> assertThat(lonely.log()).contains("\"GET /ws\" 502").doesNotContain(token));
    }
    assertThat(balancer.log()).contains("\"GET /ws\" 426").doesNotContain(token);
  }

  @Test
  void eventsArriveWhileTheStreamGoesOn() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    try (StandIn events =
            StandIn.answering(exchange -> {
              try (exchange) {
                exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write("data: 1\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                seen.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
        Balancer front = Balancer.start("balancer-sse", List.of(events.port()), tryout.port());
        HttpClient http = client(front)) {
      HttpResponse<InputStream> stream =
          http.send(request(front, "/sse?room=a").build(), BodyHandlers.ofInputStream());
      assertThat(stream.headers().firstValue("X-Accel-Buffering")).hasValue("no");
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
      assertThat(lines.readLine()).isEqualTo("data: 1");
      seen.countDown();
      stream.body().close();
    }
  }

  @Test
  void aHandshakeThatADrainingInstanceRefusesGoesToAnother() throws Exception {
    try (StandIn draining = StandIn.answering(503, "draining");
        StandIn other = StandIn.answering(426, "come in");
        Balancer front =
            Balancer.start(
                "balancer-drain", List.of(draining.port(), other.port()), tryout.port())) {
      for (int i = 0; i < ENOUGH; i++) {
        assertThat(get(front, "/ws", "Cookie", "parley_route=" + i).body()).isEqualTo("come in");
      }
      assertThat(front.log()).contains("status=503, 426");
    }
  }

  /** Connects, sees which instance has one more, and goes. */
  private static ParleyProcess instanceBehind(Entrance door) throws IOException {
    int left = connections(cluster.left());
    int right = connections(cluster.right());
    try (WireClient client = WireClient.connect(door, "ann", (from, frame) -> {})) {
      await()
          .until(() -> connections(cluster.left()) + connections(cluster.right()) > left + right);
      ParleyProcess instance =
          connections(cluster.left()) > left ? cluster.left() : cluster.right();
      client.drop();
      awaitClosed();
      return instance;
    }
  }

  private static void awaitClosed() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> connections(cluster.left()) + connections(cluster.right()) == 0);
  }

  private static int connections(ParleyProcess instance) {
    return (int) instance.metric("parley_connections", "transport=\"websocket\"");
  }

  private static int verdict(String... headers) throws IOException, InterruptedException {
    return get(balancer, "/ws?token=" + ParleyProcess.token("ann"), headers).statusCode();
  }

  private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return get(balancer, path);
  }

  private static HttpResponse<String> get(Balancer at, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(at, path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient http = client(at)) {
      return http.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static HttpRequest.Builder request(Balancer at, String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + at.port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  private static HttpClient client(Balancer at) {
    return HttpClient.newBuilder().sslContext(at.tls()).build();
  }
}
