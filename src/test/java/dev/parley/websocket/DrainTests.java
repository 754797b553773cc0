package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.connection.Drain;
import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import dev.parley.support.TroubleLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** An instance is emptied: everybody is sent away at a time of their own, and nobody let in. */
@Tag("service")
@Timeout(60)
class DrainTests {
  private static final long WINDOW_MS = 2_000;
  private static final String[] SETTINGS = {
    "parley.limits.enabled=false", "parley.lanes=2", "parley.drain.window=" + WINDOW_MS + "ms"
  };

  @Test
  void everybodyIsToldATimeOfTheirOwnAndClosedThen() {
    try (ParleyService service = ParleyService.start(SETTINGS);
        TroubleLog log = new TroubleLog()) {
      List<TestClient> clients = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        TestClient client = service.guest();
        client.join("drain");
        clients.add(client);
      }
      CompletableFuture<Void> done = service.bean(Drain.class).start("a test");
      assertThat(service.bean(Drain.class).start("again")).isSameAs(done);
      assertThat(service.bean(Drain.class).state()).isEqualTo(Drain.State.DRAINING);

      List<Long> times = clients.stream().map(DrainTests::sentAway).sorted().toList();
      // A quarter of them in any quarter of the window, whatever lanes they are on.
      for (long from = 0; from < WINDOW_MS; from += WINDOW_MS / 4) {
        long to = from + WINDOW_MS / 4;
        long start = from;
        assertThat(times).filteredOn(time -> time >= start && time < to).hasSizeBetween(8, 12);
      }
      assertThat(times.getLast()).isLessThan(WINDOW_MS);
      done.join();
      assertThat(service.bean(Drain.class).state()).isEqualTo(Drain.State.DRAINED);
      assertThat(service.count("parley.closes", "code", "1012")).isEqualTo(40);
      assertThat(log.troubles()).isEmpty();
    }
  }

  @Test
  void connectionIsOfUseUntilItsTimeHasCome() {
    try (ParleyService service = ParleyService.start("parley.drain.window=10s")) {
      List<TestClient> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        TestClient client = service.guest();
        client.join("busy");
        clients.add(client);
      }
      var _ = service.bean(Drain.class).start("a test");
      List<Long> times = new ArrayList<>();
      clients.forEach(client -> times.add(client.next("reconnect").path("afterMs").asLong()));
      TestClient last = clients.get(times.indexOf(times.stream().max(Long::compare).orElseThrow()));
      last.send(
          "{\"type\":\"message\",\"room\":\"busy\",\"content\":\"still here\",\"ref\":\"m\"}");
      assertThat(last.next("ack").path("ref").asString()).isEqualTo("m");
      assertThat(last.awaitClose().closeCode()).isEqualTo(1012);
      clients.forEach(TestClient::close);
    }
  }

  @Test
  void nobodyIsLetInAndReadinessIsGone() throws Exception {
    try (ParleyService service = ParleyService.start(SETTINGS)) {
      assertThat(status(service, "/actuator/health/readiness")).isEqualTo(200);
      try (TestClient inside = service.guest()) {
        var _ = service.bean(Drain.class).start("a test");
        RawHttp.Answer refused = service.handshake("/ws").subprotocol("parley.v1").refused();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.head()).containsIgnoringCase("Retry-After: 1");
        assertThat(refused.body()).contains("This instance is draining");
        assertThat(status(service, "/actuator/health/readiness")).isEqualTo(503);
        assertThat(status(service, "/actuator/health/liveness")).isEqualTo(200);
        assertThat(inside.awaitClose().closeCode()).isEqualTo(1012);
      }
    }
  }

  @Test
  void clientsWithoutFramesOfOursGetTheCloseAlone() {
    try (ParleyService service = ParleyService.start(SETTINGS)) {
      List<TestClient> clients =
          List.of(
              service.plain(),
              service.handshake("/raw/drain").connect(),
              service.handshake("/echo").connect());
      var _ = service.bean(Drain.class).start("a test");
      for (TestClient client : clients) {
        assertThat(client.awaitClose().closeCode()).isEqualTo(1012);
        assertThat(client.received())
            .filteredOn(frame -> frame.opcode() == Received.TEXT)
            .isEmpty();
        client.close();
      }
    }
  }

  /** Nothing is waited for where nobody is connected. */
  @Test
  void emptyInstanceIsDrainedAtOnce() {
    try (ParleyService service = ParleyService.start("parley.drain.window=10m")) {
      CompletableFuture<Void> done = service.bean(Drain.class).start("a test");
      await().atMost(Duration.ofSeconds(20)).until(done::isDone);
    }
  }

  private static long sentAway(TestClient client) {
    JsonNode frame = client.next("reconnect");
    assertThat(frame.path("reason").asString()).isEqualTo("a test");
    assertThat(client.awaitClose().closeCode()).isEqualTo(1012);
    client.close();
    return frame.path("afterMs").asLong();
  }

  private static int status(ParleyService service, String path)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + service.port() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
