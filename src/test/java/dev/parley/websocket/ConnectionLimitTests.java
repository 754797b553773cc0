package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.support.Handshake;
import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.TestClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three connections of a user, five of the instance. */
@Tag("service")
@Timeout(60)
class ConnectionLimitTests {
  private final ParleyService service =
      ParleyService.shared(
          "parley.lanes=2",
          "parley.limits.connections-per-user=3",
          "parley.limits.connections=5",
          "parley.limits.handshake-burst=1000");
  private final Budget budget = service.bean(Budgets.class).of(BudgetKind.CONNECTIONS);

  @AfterEach
  void everyPlaceIsGivenBack() {
    await().until(() -> budget.held() == 0);
  }

  @Test
  void aUsersFourthConnectionIsRefusedUntilOneIsGone() {
    String user = ParleyService.unique("user");
    TestClient first = service.user(user);
    try (TestClient second = service.user(user);
        TestClient third = service.user(user)) {
      RawHttp.Answer refused = handshake(user).refused();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.header("Retry-After")).isEqualTo("10");
      assertThat(refused.body()).contains("\"code\":\"rate_limited\"", "connections of this user");
      try (TestClient other = service.user(ParleyService.unique("user"))) {
        assertThat(other.isOpen()).isTrue();
      }
      first.close();
      await().until(() -> budget.held() == 2 * 3_072);
      try (TestClient again = service.user(user)) {
        assertThat(again.isOpen()).isTrue();
      }
      assertThat(second.isOpen() && third.isOpen()).isTrue();
    }
  }

  @Test
  void guestsCountByAddress() {
    try (TestClient first = service.guest();
        TestClient second = service.guest();
        TestClient third = service.guest()) {
      assertThat(service.handshake("/ws").refused().status()).isEqualTo(429);
      assertThat(first.isOpen() && second.isOpen() && third.isOpen()).isTrue();
    }
  }

  @Test
  void theInstancesSixthConnectionIsRefused() throws Exception {
    TestClient[] open = new TestClient[5];
    for (int i = 0; i < open.length; i++) {
      open[i] = service.user(ParleyService.unique("user"));
    }
    assertThat(budget.held()).isEqualTo(5 * 3_072);
    RawHttp.Answer refused = handshake(ParleyService.unique("user")).refused();
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isEqualTo("10");
    assertThat(refused.body()).contains("This instance is full");
    assertThat(verdict(ParleyService.unique("user"))).isEqualTo(503);
    for (TestClient client : open) {
      client.close();
    }
    await().until(() -> budget.held() == 0);
    assertThat(verdict(ParleyService.unique("user"))).isEqualTo(426);
  }

  @Test
  void aHandshakeThatIsRefusedLaterTakesNoPlace() {
    for (int i = 0; i < 10; i++) {
      assertThat(service.handshake("/raw/no%20room").refused().status()).isEqualTo(400);
    }
    assertThat(budget.held()).isZero();
  }

  @Test
  void whoDropsTheSocketGivesThePlaceBack() {
    for (int i = 0; i < 20; i++) {
      service.user("dropper").drop();
      await().until(() -> budget.held() == 0);
    }
  }

  /** The answer to the handshake cannot be written then, and nothing is upgraded. */
  @Test
  void whoResetsTheSocketBehindTheHandshakeTakesNoPlace() throws Exception {
    String token = service.token("resetter", 3_600);
    String request =
        """
        GET /ws HTTP/1.1\r
        Host: 127.0.0.1\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        Authorization: Bearer %s\r
        \r
        """
            .formatted(token);
    for (int i = 0; i < 300; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port())) {
        socket.setSoLinger(true, 0);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        // A little later each time: the reset is to come while the handshake is being answered.
        LockSupport.parkNanos(i * 5_000L);
      }
    }
    await().until(() -> budget.held() == 0);
    assertThat(verdict("resetter")).isEqualTo(426);
  }

  private Handshake handshake(String user) {
    return service.handshake("/ws").subprotocol("parley.v1").token(service.token(user, 3_600));
  }

  private int verdict(String user) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + "/ws"))
                  .header("Authorization", "Bearer " + service.token(user, 3_600))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
